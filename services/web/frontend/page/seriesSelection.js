import { readAddress, writeAddress } from "./pageState.js";
import { recall, remember } from "./preferences.js";

/** @typedef {import("./pageState.js").UnitLimit} UnitLimit */

/** Milliseconds between two changes of the address: browsers refuse when there are too many. */
const PACE = 400;

/**
 * What a person has chosen to see, kept in the page's address so that a link shows the same. Its
 * event `change` comes when other series or lines are to be shown.
 */
export class Selection extends EventTarget {
  #address;
  #range;
  #writtenAt = -Infinity;
  #timer = 0;

  constructor() {
    super();
    this.#address = readAddress(location.href);
    this.#range = this.#address.range || (recall("window") ?? "");
  }

  /** The window as a word. */
  get range() {
    return this.#range;
  }

  set range(range) {
    this.#range = range;
    this.#writeSoon();
  }

  /** The series that were chosen, or null for the newest ones. */
  get series() {
    return this.#address.series;
  }

  set series(series) {
    this.#address.series = series;
    const kept = [...this.hidden].filter((name) => series?.includes(name));
    this.#address.hidden = new Set(kept);
    this.#changed();
  }

  /** Names of series that are switched off. */
  get hidden() {
    return this.#address.hidden;
  }

  set hidden(hidden) {
    this.#address.hidden = hidden;
    this.#changed();
  }

  get kiosk() {
    return this.#address.kiosk;
  }

  set kiosk(kiosk) {
    this.#address.kiosk = kiosk;
    this.#writeSoon();
  }

  /**
   * The limits of a unit's chart.
   *
   * @param {string | null} unit
   * @returns {UnitLimit[]}
   */
  limitsOf(unit) {
    return this.#address.limits.filter((limit) => limit.unit === null || limit.unit === unit);
  }

  /**
   * Switch a line off or on.
   *
   * @param {string} name
   */
  toggle(name) {
    const hidden = new Set(this.hidden);
    if (!hidden.delete(name)) hidden.add(name);
    this.hidden = hidden;
  }

  /**
   * Show one line of some, or all of them if it is the only one.
   *
   * @param {string} name
   * @param {string[]} names
   */
  isolate(name, names) {
    const others = names.filter((other) => other !== name);
    const alone = others.every((other) => this.hidden.has(other)) && !this.hidden.has(name);
    const rest = [...this.hidden].filter((other) => !names.includes(other));
    this.hidden = new Set(alone ? rest : [...rest, ...others]);
  }

  /**
   * Follow a series to another name; null takes it away.
   *
   * @param {string} name
   * @param {string | null} next
   */
  rename(name, next) {
    const renamed = (/** @type {Iterable<string>} */ names) =>
      [...names].flatMap((one) => (one !== name ? [one] : next === null ? [] : [next]));
    const { series, hidden } = this;
    const left = series && renamed(series);
    this.#address.series = left?.length ? left : null;
    this.#address.hidden = new Set(renamed(hidden));
    this.#changed();
  }

  /** Let the address say what is chosen now. */
  write() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#writtenAt = performance.now();
    const { range, series, hidden, kiosk } = this;
    const address = writeAddress(location.href, { range, series, hidden, kiosk });
    if (address !== location.href) history.replaceState(null, "", address);
    // A range that stands somewhere is no choice for the next visit.
    if (range && !range.includes("..")) remember("window", range);
  }

  #changed() {
    this.#writeSoon();
    this.dispatchEvent(new Event("change"));
  }

  #writeSoon() {
    const wait = this.#writtenAt + PACE - performance.now();
    if (wait <= 0) this.write();
    else this.#timer ||= window.setTimeout(() => this.write(), wait);
  }
}
