import { parseRange } from "../view/timeRange.js";
import { formatPageAddress, parseLimit, parsePageState } from "./pageState.js";
import { readPreference, savePreference } from "./preferences.js";

/** @typedef {import("./pageState.js").UnitLimit} UnitLimit */

/** Milliseconds between two changes of the address: browsers refuse more frequent ones. */
const MIN_ADDRESS_INTERVAL_MS = 400;

/**
 * The selected and hidden series, the time window and the limits, kept in the page's address so
 * that a link restores them. Dispatches `change` when the selected or hidden series change, and
 * `restore` after Back or Forward.
 */
export class SeriesSelection extends EventTarget {
  #state;
  #range;
  #savedAt = -Infinity;
  #timer = 0;
  /** The time window that a named view opens with; null outside of views. @type {string | null} */
  #viewRange = null;
  /** True if the next change of the address becomes an entry of the browser's history. */
  #isStep = false;

  constructor() {
    super();
    this.#state = parsePageState(location.href);
    this.#range = this.#state.range || (readPreference("window") ?? "");
  }

  /** The time window as `formatRange` writes it; "" if none was chosen. */
  get range() {
    return this.#range;
  }

  set range(range) {
    this.#range = range;
    this.#scheduleSave();
  }

  /**
   * Use the time window of a named view, unless the address has one. From now on windows belong
   * to the view, and are not remembered for the next visit.
   *
   * @param {string | null} range as `parseRange` reads it; null if the view has none
   * @returns {boolean} true if the address has a window
   */
  useViewRange(range) {
    this.#viewRange = range ?? "";
    const isGiven = this.#state.range !== "";
    if (range !== null && !isGiven) this.#range = range;
    return isGiven;
  }

  /**
   * Set the time window, and make it an entry of the browser's history.
   *
   * @param {string} range as `formatRange` writes it
   */
  pushRange(range) {
    this.#isStep = true;
    this.range = range;
  }

  /** Names of the selected series; null selects them automatically. */
  get series() {
    return this.#state.series;
  }

  set series(series) {
    this.#isStep = true;
    this.#state.series = series;
    const hidden = [...this.hidden].filter((name) => series?.includes(name));
    this.#state.hidden = new Set(hidden);
    this.#onChange();
  }

  /** Names of hidden series. */
  get hidden() {
    return this.#state.hidden;
  }

  set hidden(hidden) {
    this.#state.hidden = hidden;
    this.#onChange();
  }

  get kiosk() {
    return this.#state.kiosk;
  }

  set kiosk(kiosk) {
    this.#state.kiosk = kiosk;
    this.#scheduleSave();
  }

  /** Seconds by which the compared time is earlier; null without a comparison. */
  get compare() {
    return this.#state.compare;
  }

  set compare(compare) {
    this.#isStep = true;
    this.#state.compare = compare;
    this.#scheduleSave();
  }

  /**
   * Return the limits of a chart: its own ones, then those of the address for its unit.
   *
   * @param {string | null} unit
   * @param {string[]} [own] as `parseLimit` accepts them
   * @returns {UnitLimit[]}
   */
  limitsOf(unit, own = []) {
    const all = [...own.flatMap((text) => parseLimit(text) ?? []), ...this.#state.limits];
    return all.filter((limit) => limit.unit === null || limit.unit === unit);
  }

  /**
   * Return the limits of a chart as a panel of a view has them.
   *
   * @param {string | null} unit
   * @param {string[]} own limits of the chart
   */
  limitTextsOf(unit, own) {
    const added = this.limitsOf(unit).map(({ from, to }) => {
      if (from === to) return String(from);
      return [from, to].map((end) => (Number.isFinite(end) ? String(end) : "")).join("..");
    });
    return [...new Set([...own, ...added])];
  }

  /**
   * Hide a series, or show it again.
   *
   * @param {string} name
   */
  toggleHidden(name) {
    const hidden = new Set(this.hidden);
    if (!hidden.delete(name)) hidden.add(name);
    this.hidden = hidden;
  }

  /**
   * Show only one series of a chart, or all of them if it is the only one already.
   *
   * @param {string} name
   * @param {string[]} chartNames all series of the chart
   */
  isolate(name, chartNames) {
    const others = chartNames.filter((other) => other !== name);
    const isAlone = others.every((other) => this.hidden.has(other)) && !this.hidden.has(name);
    const hiddenElsewhere = [...this.hidden].filter((other) => !chartNames.includes(other));
    this.hidden = new Set(isAlone ? hiddenElsewhere : [...hiddenElsewhere, ...others]);
  }

  /**
   * Replace a series' name after it was renamed, or remove it after it was deleted.
   *
   * @param {string} name
   * @param {string | null} newName null: the series was deleted
   */
  rename(name, newName) {
    const replaceIn = (/** @type {Iterable<string>} */ names) =>
      [...names].flatMap((one) => (one !== name ? [one] : newName === null ? [] : [newName]));
    const { series, hidden } = this;
    const renamed = series && replaceIn(series);
    this.#state.series = renamed?.length ? renamed : null;
    this.#state.hidden = new Set(replaceIn(hidden));
    this.#onChange();
  }

  /** Read the state from the page's address again, after Back or Forward. */
  readAddress() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#isStep = false;
    const { limits, series } = this.#state;
    this.#state = { ...parsePageState(location.href), limits };
    this.#range = this.#state.range || (this.#viewRange ?? "");
    this.dispatchEvent(new Event("change"));
    const hasNewSeries = JSON.stringify(series) !== JSON.stringify(this.series);
    this.dispatchEvent(new CustomEvent("restore", { detail: { hasNewSeries } }));
  }

  /** Write the state to the page's address now. */
  saveToAddress() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#savedAt = performance.now();
    const { series, hidden, kiosk, compare } = this;
    const range = this.#range === this.#viewRange ? "" : this.#range;
    const address = formatPageAddress(location.href, {
      range, series, hidden, kiosk, compare,
    });
    if (address !== location.href) {
      if (this.#isStep) history.pushState(null, "", address);
      else history.replaceState(null, "", address);
    }
    this.#isStep = false;
    // A paused window is a moment of this visit, not a preference for the next.
    if (this.#viewRange !== null) return;
    const parsed = parseRange(range);
    if (parsed && "span" in parsed) savePreference("window", range);
  }

  #onChange() {
    this.#scheduleSave();
    this.dispatchEvent(new Event("change"));
  }

  #scheduleSave() {
    const wait = this.#savedAt + MIN_ADDRESS_INTERVAL_MS - performance.now();
    if (wait <= 0) this.saveToAddress();
    else this.#timer ||= window.setTimeout(() => this.saveToAddress(), wait);
  }
}
