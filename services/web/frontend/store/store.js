import { Series } from "./series.js";

/** Series that the page holds and draws at most. */
export const MOST_SERIES = 20;

/**
 * @typedef {{ name: string, unit: string | null }} Description
 * @typedef {{ unit: string | null, tier: string, bucket: number | null, t: number[],
 *             value?: number[], mean?: number[] }} Columns
 * @typedef {{ from: number | null, to: number | null, count: number | null,
 *             reason: string }} Gap a stretch in which readings are missing; null is not known
 * @typedef {{ from: number, to: number, cursor: string | null,
 *             series: Record<string, Columns>, gaps?: Gap[] }} History
 */

/** All series that the page shows, and how many more there are. */
export class SeriesStore {
  /** @param {number} span seconds that are kept */
  constructor(span) {
    this.span = span;
    /** @type {Map<string, Series>} */
    this.series = new Map();
    /** Grows when a series comes or gets another unit. */
    this.layout = 0;
    /** @type {Set<string>} */
    this.leftOut = new Set();
    /** What history says is missing in the window, in the order of time. @type {Gap[]} */
    this.gaps = [];
  }

  /** How many series there are, shown or not. */
  get total() {
    return this.series.size + this.leftOut.size;
  }

  /** The time of the newest reading of all, in seconds, or null. */
  get newest() {
    let newest = null;
    for (const series of this.series.values()) {
      const time = series.last?.time;
      if (time !== undefined && (newest === null || time > newest)) newest = time;
    }
    return newest;
  }

  /**
   * Take names and units from the list of all series; `chosen` are the ones to show.
   *
   * @param {Description[]} listing
   * @param {Set<string>} chosen
   */
  describe(listing, chosen) {
    for (const { name, unit } of listing) {
      const series = chosen.has(name) ? this.#open(name) : this.series.get(name);
      if (!series) this.leftOut.add(name);
      else if (series.unit !== unit) {
        series.unit = unit;
        this.layout++;
      }
    }
  }

  /**
   * Show what history says; a series that it does not name keeps its place without readings.
   *
   * @param {History} history
   * @param {boolean} fromScratch forget also what is newer than the history
   */
  replace(history, fromScratch) {
    if (fromScratch) for (const series of this.series.values()) series.clear();
    for (const [name, columns] of Object.entries(history.series)) {
      const series = this.#open(name);
      series?.replace(columns.t, columns.value ?? columns.mean ?? [], columns.bucket ?? 0);
    }
    this.gaps = history.gaps ?? [];
  }

  /**
   * Take live readings. What is before the window is ignored: an import of past readings must
   * neither take the place of a series that is shown nor fill the memory.
   *
   * @param {string} name
   * @param {number[]} times seconds
   * @param {number[]} values
   * @param {number} now seconds
   */
  add(name, times, values, now) {
    const from = now - this.span;
    const inside = (/** @type {unknown} */ _, /** @type {number} */ i) => times[i] >= from;
    const recent = times.filter(inside);
    if (recent.length) this.#open(name)?.add(recent, values.filter(inside));
  }

  /** @param {number} now seconds */
  trim(now) {
    for (const series of this.series.values()) series.trim(now - this.span);
  }

  /**
   * @param {string} name
   * @returns {Series | null} null when there is no place for it
   */
  #open(name) {
    const held = this.series.get(name);
    if (held) return held;
    if (this.series.size >= MOST_SERIES) {
      this.leftOut.add(name);
      return null;
    }
    const series = new Series(name, this.series.size);
    this.series.set(name, series);
    this.leftOut.delete(name);
    this.layout++;
    return series;
  }
}
