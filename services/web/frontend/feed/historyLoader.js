import { knowsValueAt } from "../store/heldValues.js";

/** @typedef {import("../store/series.js").Series} Series */
/**
 * @typedef {object} HistoryLoaderDependencies
 * @property {import("../store/seriesStore.js").SeriesStore} store
 * @property {import("../view/timeView.js").TimeView} view
 * @property {import("./addresses.js").Addresses} addresses
 * @property {(address: string) => Promise<any>} fetchJson rejects without a good answer
 * @property {() => number} columnCount width of a chart in pixel columns
 * @property {import("./liveConnection.js").Timers} timers
 */

/** Wait after a change of the view, which may still be moving. */
const DEBOUNCE_MILLISECONDS = 80;
/** Wait between an answer and the next request. */
const REQUEST_INTERVAL_MILLISECONDS = 250;
/** Wait after a failed request. */
const RETRY_MILLISECONDS = 2_000;
/** Seconds until the same range is requested again if the answer has left it incomplete. */
const REPEAT_SECONDS = 10;
/** Share of the window that is also loaded on each side, so that small moves need no request. */
const MARGIN_SHARE = 0.25;
/** Requested buckets of a pixel column; the server's are up to 2.5 times as long as requested. */
const BUCKETS_PER_COLUMN = 2;
const MIN_POINTS = 500;
const MAX_POINTS = 5_000;

/**
 * Loads the history that the view shows and the page does not have, at a fitting resolution.
 *
 * The event `change` is sent when `busy` has changed, and `settle` when nothing is missing or a
 * request has failed.
 */
export class HistoryLoader extends EventTarget {
  /** True while a request is running. */
  busy = false;
  /** True if the last request failed. */
  failed = false;
  /** @type {any} */
  #timer = null;
  /** The last request; its answer had everything that the server has for it. */
  #lastRequest = {
    names: /** @type {string[]} */ ([]),
    from: 0,
    to: 0,
    columnSeconds: 0,
    time: -Infinity,
    resetCount: 0,
  };

  /** @param {HistoryLoaderDependencies} dependencies */
  constructor(dependencies) {
    super();
    this.dependencies = dependencies;
    dependencies.view.addEventListener("change", () => this.#schedule(DEBOUNCE_MILLISECONDS));
  }

  /** Load missing history; also needed without a change, as a live window can grow. */
  loadMissing() {
    if (this.#timer === null) this.#schedule(0);
  }

  /** Load missing history, and wait until nothing is missing or a request has failed. */
  async loadAll() {
    const settled = new Promise((resolve) => {
      this.addEventListener("settle", resolve, { once: true });
    });
    this.loadMissing();
    await settled;
  }

  /** @param {number} waitMilliseconds */
  #schedule(waitMilliseconds) {
    const { timers } = this.dependencies;
    if (this.#timer !== null) timers.clear(this.#timer);
    this.#timer = timers.set(() => {
      this.#timer = null;
      if (!this.busy) this.#load();
    }, waitMilliseconds);
  }

  async #load() {
    const { store, view, columnCount } = this.dependencies;
    const columnSeconds = view.span / Math.max(1, columnCount());
    const to = Math.min(view.to, this.#lastTime());
    const names = findIncomplete(store.series, view.from, to, columnSeconds);
    if (!names.length || this.#isAnswered(names, to, columnSeconds)) {
      this.dispatchEvent(new Event("settle"));
      return;
    }
    this.#setState(true, this.failed);
    try {
      await this.#fetch(names, columnSeconds);
      this.#setState(false, false);
      this.#schedule(REQUEST_INTERVAL_MILLISECONDS);
    } catch {
      this.#lastRequest.time = -Infinity;
      this.#setState(false, true);
      this.dispatchEvent(new Event("settle"));
      this.#schedule(RETRY_MILLISECONDS);
    }
  }

  /** The time until which the server may have readings, in seconds: a sender may be ahead. */
  #lastTime() {
    const { store, view } = this.dependencies;
    return Math.max(view.now, store.newestTime ?? view.now);
  }

  /**
   * Return true if a recent request covers this one.
   *
   * @param {string[]} names
   * @param {number} to seconds
   * @param {number} columnSeconds seconds of a pixel column
   */
  #isAnswered(names, to, columnSeconds) {
    const { store, view } = this.dependencies;
    const last = this.#lastRequest;
    return (
      last.resetCount === store.resetCount &&
      Math.abs(view.now - last.time) < REPEAT_SECONDS &&
      view.from >= last.from &&
      to <= last.to &&
      columnSeconds >= last.columnSeconds &&
      names.every((name) => last.names.includes(name))
    );
  }

  /**
   * Load these series for the window and its margins, with as many requests as their names need.
   *
   * @param {string[]} names
   * @param {number} columnSeconds seconds of a pixel column
   */
  async #fetch(names, columnSeconds) {
    const { store, view, addresses, fetchJson } = this.dependencies;
    const margin = view.span * MARGIN_SHARE;
    const [from, to] = [Math.max(0, view.from - margin), Math.min(view.to + margin, this.#lastTime())];
    const points = Math.ceil(((to - from) / columnSeconds) * BUCKETS_PER_COLUMN);
    const linePoints = Math.min(MAX_POINTS, Math.max(MIN_POINTS, points));
    const { resetCount } = store;
    this.#lastRequest = { names, from, to, columnSeconds, time: view.now, resetCount };
    // A bucket with several values of a state is of little use, so its readings are requested.
    const isState = (/** @type {string} */ name) => store.series.get(name)?.kind === "state";
    const states = names.filter(isState);
    names = [...states, ...names.filter((name) => !isState(name))];
    for (let done = 0; done < names.length; ) {
      const isStates = done < states.length;
      const rest = names.slice(done, isStates ? states.length : names.length);
      const part = addresses.namesThatFit(rest, rest.length);
      const maxPoints = isStates ? MAX_POINTS : linePoints;
      const history = await fetchJson(addresses.history({ from, to }, maxPoints, part));
      // After a reset the answer may contain readings that have been corrected since.
      if (store.resetCount !== resetCount) return;
      store.addHistory(history, part, columnSeconds, view.now);
      done += Math.max(1, part.length);
    }
  }

  /**
   * @param {boolean} busy
   * @param {boolean} failed
   */
  #setState(busy, failed) {
    this.busy = busy;
    this.failed = failed;
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * Return the names of the series that are not completely cached at this resolution.
 *
 * @param {Map<string, Series>} series
 * @param {number} from seconds
 * @param {number} to seconds
 * @param {number} columnSeconds seconds of a pixel column
 */
function findIncomplete(series, from, to, columnSeconds) {
  if (from >= to) return [];
  const isIncomplete = (/** @type {Series} */ one) =>
    one.selectSegments(from, to, columnSeconds).missing.length > 0 ||
    (one.kind === "state" && !knowsValueAt(one, from));
  return [...series.values()].filter(isIncomplete).map(({ name }) => name);
}
