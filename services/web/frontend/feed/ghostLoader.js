import { GhostSeries } from "../store/ghostSeries.js";
import { HistoryColumns } from "../store/historyColumns.js";

/** @typedef {import("../store/series.js").Series} Series */
/**
 * @typedef {object} GhostServer
 * @property {import("./addresses.js").Addresses} addresses
 * @property {(address: string, signal?: AbortSignal) => Promise<any>} fetchJson rejects without a
 *   good answer
 */
/**
 * What the page compares. Times in seconds.
 *
 * @typedef {object} GhostRequest
 * @property {number} shift by which the window is moved back
 * @property {Pick<Series, "name" | "kind" | "unit">[]} series at most MAX_GHOSTS
 * @property {{ from: number, to: number, now: number }} view
 * @property {number} columnSeconds seconds of a pixel column
 * @property {number} resetCount number that changes when readings were corrected
 */
/** @typedef {{ key: string, from: number, to: number, columnSeconds: number }} GhostRange */

/** Series that are compared at most. */
export const MAX_GHOSTS = 20;
/** Seconds until a failed request is repeated. */
const RETRY_SECONDS = 10;
/** Share of the window that is also loaded on each side. */
const MARGIN_SHARE = 0.25;
/** A zoom by more than this loads a finer history. */
const MAX_ZOOM = 2;
const BUCKETS_PER_COLUMN = 2;
const MIN_POINTS = 500;
const MAX_POINTS = 5_000;

/** Loads the history of the moved window. It keeps only that window and its margins. */
export class GhostLoader {
  /** True while a request is running. */
  busy = false;
  /** True if the last request failed. */
  failed = false;
  /** Number that grows when ghosts come or go. */
  version = 0;
  /** @type {Map<string, GhostSeries>} */
  #ghosts = new Map();
  /** The last request. @type {GhostRange | null} */
  #range = null;
  #shift = 0;
  #requestedAt = -Infinity;
  #abort = new AbortController();

  /**
   * @param {GhostServer} server
   * @param {() => void} onChange called when ghosts were loaded or have failed to load
   */
  constructor(server, onChange) {
    this.server = server;
    this.onChange = onChange;
  }

  /** True if at least one ghost has readings, or holds a state. */
  get hasReadings() {
    return [...this.#ghosts.values()].some(({ hasReadings }) => hasReadings);
  }

  /** @param {string} name */
  ghostOf(name) {
    return this.#ghosts.get(name) ?? null;
  }

  /** Forget all ghosts, and end the request. */
  clear() {
    this.#abort.abort();
    this.busy = this.failed = false;
    this.#range = null;
    this.#ghosts.clear();
    this.version++;
  }

  /**
   * Load what is missing. An earlier request that does not have it is aborted.
   *
   * @param {GhostRequest} request
   */
  update({ shift, series, view, columnSeconds, resetCount }) {
    if (shift !== this.#shift) this.clear();
    this.#shift = shift;
    const key = JSON.stringify([series.map(({ name }) => name), resetCount]);
    // The moved window has readings until now, so the line ends at now plus the shift.
    const lastTime = view.now + shift;
    const range = this.#range;
    const isCovered =
      range?.key === key &&
      view.from >= range.from &&
      Math.min(view.to, lastTime) <= range.to &&
      columnSeconds * MAX_ZOOM >= range.columnSeconds;
    const isWaiting = this.failed && Math.abs(view.now - this.#requestedAt) < RETRY_SECONDS;
    if (isWaiting || (isCovered && (this.busy || !this.failed))) return;
    const margin = (view.to - view.from) * MARGIN_SHARE;
    const from = Math.max(shift, view.from - margin);
    const to = Math.min(view.to + margin, lastTime);
    this.#requestedAt = view.now;
    this.#load({ key, from, to, columnSeconds }, series);
  }

  /**
   * @param {GhostRange} range of the present
   * @param {Pick<Series, "name" | "kind" | "unit">[]} series
   */
  async #load(range, series) {
    this.#abort.abort();
    const { signal } = (this.#abort = new AbortController());
    this.#range = range;
    this.busy = true;
    try {
      const loaded = range.from < range.to ? await this.#fetch(range, series, signal) : {};
      if (signal.aborted) return;
      this.#replace(loaded, range, series);
      this.failed = false;
    } catch {
      if (signal.aborted) return;
      this.failed = true;
      this.#ghosts.clear();
      this.version++;
    }
    this.busy = false;
    this.onChange();
  }

  /**
   * @param {GhostRange} range of the present
   * @param {{ name: string }[]} series
   * @param {AbortSignal} signal
   */
  async #fetch({ from, to, columnSeconds }, series, signal) {
    const { addresses, fetchJson } = this.server;
    const points = Math.ceil(((to - from) / columnSeconds) * BUCKETS_PER_COLUMN);
    const maxPoints = Math.min(MAX_POINTS, Math.max(MIN_POINTS, points));
    const range = { from: from - this.#shift, to: to - this.#shift };
    const names = series.map(({ name }) => name);
    /** @type {Record<string, import("../store/historyColumns.js").SeriesHistory>} */
    const loaded = {};
    for (let done = 0; done < names.length; ) {
      const part = addresses.namesThatFit(names.slice(done), names.length);
      const answer = await fetchJson(addresses.history(range, maxPoints, part), signal);
      Object.assign(loaded, answer.series);
      done += Math.max(1, part.length);
    }
    return loaded;
  }

  /**
   * @param {Record<string, import("../store/historyColumns.js").SeriesHistory>} loaded
   * @param {GhostRange} range
   * @param {Pick<Series, "name" | "kind" | "unit">[]} series
   */
  #replace(loaded, { from, to, columnSeconds }, series) {
    const shift = this.#shift;
    const before = this.#ghosts;
    this.#ghosts = new Map();
    for (const one of series) {
      const history = loaded[one.name];
      if (!history) continue;
      const known = before.get(one.name);
      const ghost = known?.base === one ? known : new GhostSeries(one);
      const columns = new HistoryColumns(history, from - shift, to - shift, columnSeconds);
      ghost.replace(columns, shift, history.before);
      this.#ghosts.set(one.name, ghost);
    }
    this.version++;
  }
}
