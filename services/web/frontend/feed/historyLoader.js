import { namesThatFit } from "./addresses.js";

/** @typedef {import("../store/series.js").Series} Series */
/**
 * @typedef {object} HistoryLoaderDependencies
 * @property {import("../store/seriesStore.js").SeriesStore} store
 * @property {import("../view/timeView.js").TimeView} view
 * @property {URL} root the server's address, with the path it is served under
 * @property {(address: string) => Promise<any>} fetchJson rejects when there is no good answer
 * @property {() => number} columnCount pixels of the width of a chart
 * @property {import("./liveConnection.js").Timers} timers
 */

/** What is looked at may still be moving: so long is waited, in milliseconds. */
const SETTLED = 80;
/** So long is waited after an answer, and so long after none. */
const SPACING = 250;
const PATIENCE = 2_000;
/** Seconds until the same is asked for again where the answer has not filled it. */
const AGAIN = 10;
/** On each side so much of the window is loaded with it, to be there when it is moved. */
const MARGIN = 0.25;
/** Buckets for each column of pixels: the server's are up to 2.5 times as long as asked for. */
const BUCKETS = 2;
const LEAST_POINTS = 500;
const MOST_POINTS = 5_000;

/**
 * Loads the history that the view shows and the page does not hold, at a resolution that fits.
 * Meanwhile what is held is drawn. Its event `change` comes when `busy` has changed.
 */
export class HistoryLoader extends EventTarget {
  /** Whether history is on its way. */
  busy = false;
  /** Whether the last answer was none. */
  failed = false;
  /** @type {any} */
  #timer = null;
  /** What the last answer was about: there is no more than it said. */
  #answered = {
    names: /** @type {string[]} */ ([]),
    from: 0,
    to: 0,
    column: 0,
    at: -Infinity,
    forgotten: 0,
  };

  /** @param {HistoryLoaderDependencies} parts */
  constructor(parts) {
    super();
    this.dependencies = parts;
    parts.view.addEventListener("change", () => this.#later(SETTLED));
  }

  /** Look whether anything is missing; a live window can outgrow what is held. */
  loadMissing() {
    if (this.#timer === null) this.#later(0);
  }

  /** @param {number} wait milliseconds */
  #later(wait) {
    const { timers } = this.dependencies;
    if (this.#timer !== null) timers.clear(this.#timer);
    this.#timer = timers.set(() => {
      this.#timer = null;
      if (!this.busy) this.#load();
    }, wait);
  }

  async #load() {
    const { store, view, columnCount: columns } = this.dependencies;
    const column = view.span / Math.max(1, columns());
    const to = Math.min(view.to, view.now);
    const names = lacking(store.series, view.from, to, column);
    if (!names.length || this.#isAnswered(names, to, column)) return;
    this.#tell(true, this.failed);
    try {
      await this.#fetch(names, column);
      this.#tell(false, false);
      this.#later(SPACING);
    } catch {
      this.#answered.at = -Infinity;
      this.#tell(false, true);
      this.#later(PATIENCE);
    }
  }

  /**
   * Whether the same was answered a moment ago.
   *
   * @param {string[]} names
   * @param {number} to seconds
   * @param {number} column seconds of a column of pixels
   */
  #isAnswered(names, to, column) {
    const { store, view } = this.dependencies;
    const last = this.#answered;
    return (
      last.forgotten === store.resetCount &&
      Math.abs(view.now - last.at) < AGAIN &&
      view.from >= last.from &&
      to <= last.to &&
      column >= last.column &&
      names.every((name) => last.names.includes(name))
    );
  }

  /**
   * @param {string[]} names
   * @param {number} column seconds of a column of pixels
   */
  async #fetch(names, column) {
    const { store, view, fetchJson } = this.dependencies;
    const margin = view.span * MARGIN;
    const [from, to] = [Math.max(0, view.from - margin), Math.min(view.to + margin, view.now)];
    const { resetCount: forgotten } = store;
    this.#answered = { names, from, to, column, at: view.now, forgotten };
    while (names.length) {
      const some = namesThatFit(names, names.length);
      const history = await fetchJson(this.#address(some, from, to, column));
      // It may tell what has been corrected since.
      if (store.resetCount !== forgotten) return;
      store.addHistory(history, some, column, view.now);
      names = names.slice(Math.max(1, some.length));
    }
  }

  /**
   * @param {string[]} names
   * @param {number} from seconds
   * @param {number} to seconds
   * @param {number} column seconds
   */
  #address(names, from, to, column) {
    const url = new URL("api/history", this.dependencies.root);
    const points = Math.ceil(((to - from) / column) * BUCKETS);
    url.searchParams.set("from", from.toFixed(6));
    url.searchParams.set("to", to.toFixed(6));
    url.searchParams.set("points", String(Math.min(MOST_POINTS, Math.max(LEAST_POINTS, points))));
    for (const name of names) url.searchParams.append("series", name);
    return url.href;
  }

  /** @param {boolean} busy @param {boolean} failed */
  #tell(busy, failed) {
    this.busy = busy;
    this.failed = failed;
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * The series of which something between two times is not held, or not fine enough.
 *
 * @param {Map<string, Series>} all
 * @param {number} from
 * @param {number} to
 * @param {number} column
 */
function lacking(all, from, to, column) {
  if (from >= to) return [];
  const lacks = (/** @type {Series} */ series) =>
    series.selectSegments(from, to, column).missing.length > 0;
  return [...all.values()].filter(lacks).map(({ name }) => name);
}
