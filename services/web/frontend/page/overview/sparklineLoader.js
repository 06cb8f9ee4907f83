/** @typedef {import("./overviewSeries.js").OverviewSeries} OverviewSeries */

/** Series of one request. */
const BATCH_SERIES = 40;
const MAX_REQUESTS = 2;
/** Points of a sparkline. */
const POINTS = 60;
/** A sparkline is loaded again after this part of its length. */
const REFRESH_SHARE = 1 / 120;
const MIN_REFRESH_SECONDS = 30;
/** Pause after a request that failed. */
const RETRY_MILLISECONDS = 5_000;

/** Loads the history of the sparklines that are visible, some of them in each request. */
export class SparklineLoader {
  /** Length of a sparkline. */
  spanSeconds = 86_400;
  /** @type {Set<OverviewSeries>} */
  #requested = new Set();
  #requestCount = 0;
  #pausedUntil = -Infinity;
  /** Number of the current length; answers for older ones are dropped. */
  #generation = 0;

  /**
   * @param {object} options
   * @param {import("../../feed/addresses.js").Addresses} options.addresses
   * @param {(address: string) => Promise<any>} options.fetchJson
   * @param {() => number} options.now seconds
   * @param {(series: OverviewSeries) => void} options.onLoad
   */
  constructor(options) {
    this.options = options;
  }

  /** Forget what was requested, because the length has changed. */
  restart() {
    this.#generation++;
    this.#requested.clear();
  }

  /**
   * Load what is missing or old.
   *
   * @param {OverviewSeries[]} visible
   */
  load(visible) {
    if (performance.now() < this.#pausedUntil) return;
    const now = this.options.now();
    const maxAge = Math.max(MIN_REFRESH_SECONDS, this.spanSeconds * REFRESH_SHARE);
    const due = visible.filter(
      (series) => now - series.loadedAt > maxAge && !this.#requested.has(series),
    );
    while (due.length && this.#requestCount < MAX_REQUESTS) {
      this.#request(due.splice(0, BATCH_SERIES), now);
    }
  }

  /**
   * @param {OverviewSeries[]} batch
   * @param {number} now
   */
  async #request(batch, now) {
    const { addresses, fetchJson, onLoad } = this.options;
    const generation = this.#generation;
    const byName = new Map(batch.map((series) => [series.name, series]));
    const names = addresses.namesThatFit([...byName.keys()], BATCH_SERIES);
    for (const name of names) this.#requested.add(/** @type {any} */ (byName.get(name)));
    this.#requestCount++;
    try {
      const range = { from: now - this.spanSeconds, to: now };
      const history = await fetchJson(addresses.sparklines(range, POINTS, names));
      if (generation !== this.#generation) return;
      for (const name of names) {
        const series = /** @type {OverviewSeries} */ (byName.get(name));
        series.setHistory(history.series[name], history.from, history.to);
        onLoad(series);
      }
    } catch {
      this.#pausedUntil = performance.now() + RETRY_MILLISECONDS;
    } finally {
      this.#requestCount--;
      for (const series of batch) this.#requested.delete(series);
    }
  }
}
