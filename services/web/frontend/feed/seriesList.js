/** @typedef {import("../store/seriesDescription.js").SeriesInfo} SeriesInfo */
/** @typedef {"addresses" | "fetchJson" | "store" | "timers"} Parts */

/** Wait before the list is read, for more changes and for the writer to carry them out. */
const CHANGE_DELAY_MILLISECONDS = 250;

/** Time in which the writer has added a new series to the list. */
const NEW_SERIES_DELAY_MILLISECONDS = 1_000;

/** The server's list of all series: reads it, and reads it again when it may have changed. */
export class SeriesList {
  /** Names of series that arrived live and are not listed yet. @type {Set<string>} */
  #unlistedNames = new Set();
  /** True from a change of settings until the list is read. */
  #isOutdated = false;

  /** @param {Pick<import("./feed.js").FeedDependencies, Parts>} dependencies */
  constructor(dependencies) {
    this.dependencies = dependencies;
  }

  /** Read the list. @returns {Promise<SeriesInfo[]>} rejects without a good answer */
  async read() {
    const { addresses, fetchJson } = this.dependencies;
    return (await fetchJson(addresses.series)).series;
  }

  /**
   * Update the store once a series that arrived live is listed.
   *
   * @param {string} name
   */
  addUnlisted(name) {
    const isFirst = !this.#unlistedNames.size;
    this.#unlistedNames.add(name);
    if (isFirst) this.#updateAfter(NEW_SERIES_DELAY_MILLISECONDS);
  }

  /** Update the store soon, because settings of series have changed. */
  markOutdated() {
    if (this.#isOutdated) return;
    this.#isOutdated = true;
    this.#updateAfter(CHANGE_DELAY_MILLISECONDS);
  }

  /** @param {number} milliseconds */
  #updateAfter(milliseconds) {
    this.dependencies.timers.set(() => this.update(), milliseconds);
  }

  /** Update the store from the list, if that is due. A failed attempt stays due. */
  async update() {
    if (!this.#unlistedNames.size && !this.#isOutdated) return;
    const wasOutdated = this.#isOutdated;
    this.#isOutdated = false;
    try {
      const list = await this.read();
      this.dependencies.store.updateInfo(list, new Set());
      for (const { name } of list) this.#unlistedNames.delete(name);
    } catch {
      this.#isOutdated ||= wasOutdated;
    }
  }
}
