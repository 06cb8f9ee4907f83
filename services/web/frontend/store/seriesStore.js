import { HistoryColumns } from "./historyColumns.js";
import { Series } from "./series.js";

/** Series that the page holds and draws at most. */
export const MAX_SERIES = 20;

/**
 * @typedef {{ name: string, unit: string | null, first?: number | null, last?: number | null,
 *             value?: number | null }} SeriesInfo
 * @typedef {{ from: number | null, to: number | null, count: number | null,
 *             reason: string }} Gap a stretch in which readings are missing; null is not known
 * @typedef {{ from: number, to: number, cursor: string | null,
 *             series: Record<string, import("./historyColumns.js").SeriesHistory>, gaps?: Gap[] }} HistoryResponse
 */

/** All series that the page shows, and how many more there are. */
export class SeriesStore {
  /** Stretches that are known to be missing, in the order of time. @type {Gap[]} */
  gaps = [];
  /** The time of the first reading of all series, as far as known; Infinity without any. */
  firstTime = Infinity;
  /** From here on the page has everything of a series that history does not name. */
  #since = -Infinity;
  /** Names of the series that there is place for; null: whatever comes. @type {Set<string> | null} */
  #chosen = null;

  /** @param {number} span seconds that are loaded before anything is looked at */
  constructor(span) {
    this.spanSeconds = span;
    /** @type {Map<string, Series>} */
    this.series = new Map();
    /** Grows when a series comes, goes or gets another unit. */
    this.layoutVersion = 0;
    /** Grows when all that was held is forgotten: what was asked for before may be wrong. */
    this.resetCount = 0;
    /** @type {Set<string>} */
    this.omittedNames = new Set();
  }

  /**
   * Hold these series and no others, once they are described; null forgets all, for whatever comes.
   *
   * @param {string[] | null} names
   */
  selectSeries(names) {
    this.#chosen = names && new Set(names);
    for (const name of this.series.keys()) {
      if (this.#chosen?.has(name)) continue;
      this.series.delete(name);
      this.omittedNames.add(name);
    }
    this.layoutVersion++;
  }

  /**
   * The names that are held or counted and that the list of all series has no more: they were
   * deleted, or have another name. What has come live may be too new for the list.
   *
   * @param {SeriesInfo[]} listing
   * @param {boolean} fromScratch what has come live will come again
   * @returns {Set<string>}
   */
  findRemoved(listing, fromScratch) {
    const listed = new Set(listing.map(({ name }) => name));
    const shown = [...this.series.values()].filter(
      (one) => one.listed || (fromScratch && !this.#chosen?.has(one.name)),
    );
    const names = [...shown.map(({ name }) => name), ...(fromScratch ? this.omittedNames : [])];
    return new Set(names.filter((name) => !listed.has(name)));
  }

  /**
   * Forget series that are gone; one of such a name that comes later is new.
   *
   * @param {Set<string>} names
   */
  removeSeries(names) {
    if (!names.size) return;
    for (const name of names) {
      this.series.delete(name);
      this.omittedNames.delete(name);
      this.#chosen?.delete(name);
    }
    if (!this.#chosen?.size) this.#chosen = null;
    this.layoutVersion++;
  }

  /** How many series there are, shown or not. */
  get totalCount() {
    return this.series.size + this.omittedNames.size;
  }

  /** The time of the newest reading of all, in seconds, or null. */
  get newestTime() {
    let newest = null;
    for (const series of this.series.values()) {
      const time = series.newest?.time;
      if (time !== undefined && (newest === null || time > newest)) newest = time;
    }
    return newest;
  }

  /**
   * Take names and units from the list of all series; `chosen` are the ones to show.
   *
   * @param {SeriesInfo[]} listing
   * @param {Set<string>} chosen
   * @param {boolean} [fromScratch] whether the first reading may be another one than was known
   */
  updateInfo(listing, chosen, fromScratch = false) {
    if (fromScratch) this.firstTime = Infinity;
    for (const name of chosen) {
      const series = this.series.has(name) ? null : this.#open(name);
      // Nothing of it is held until history has been loaded.
      if (series) series.completeFrom = Infinity;
    }
    for (const { name, unit, first, last, value } of listing) {
      if (typeof first === "number") this.firstTime = Math.min(this.firstTime, first);
      const series = this.series.get(name);
      if (!series) {
        this.omittedNames.add(name);
        continue;
      }
      series.listed = true;
      const known = typeof last === "number" && typeof value === "number";
      series.setListedNewest(known ? { time: last, value } : null);
      if (series.unit === unit) continue;
      series.unit = unit;
      this.layoutVersion++;
    }
  }

  /**
   * Show what history says; a series that it does not name keeps its place without readings.
   *
   * @param {HistoryResponse} history up to now
   * @param {boolean} fromScratch forget also what is newer than the history
   */
  replaceHistory(history, fromScratch) {
    if (fromScratch) this.#forget();
    this.#since = history.from;
    for (const [name, columns] of Object.entries(history.series)) {
      this.#open(name)?.replaceNewest(columns, history.from);
    }
    for (const series of this.series.values()) {
      if (!Number.isFinite(series.completeFrom)) series.completeFrom = history.from;
    }
    this.gaps = history.gaps ?? [];
  }

  /**
   * Take a stretch of history that is looked at.
   *
   * @param {HistoryResponse} history
   * @param {string[]} names of the series that were asked for
   * @param {number} asked seconds of a column of pixels
   * @param {number} now
   */
  addHistory(history, names, asked, now) {
    for (const name of names) {
      const answered = history.series[name] ?? NOTHING;
      const columns = new HistoryColumns(answered, history.from, history.to, asked, now);
      this.series.get(name)?.addHistory(columns);
    }
    this.gaps = united(this.gaps, history.gaps ?? []);
  }

  /**
   * Take live readings. An import of past ones takes no place of a series that is live.
   *
   * @param {string} name
   * @param {number[]} times seconds
   * @param {number[]} values
   */
  addReadings(name, times, values) {
    if (!this.series.has(name) && times.every((time) => time < this.#since)) return;
    for (const time of times) if (time < this.firstTime) this.firstTime = time;
    this.#open(name)?.addReadings(times, values);
  }

  #forget() {
    this.resetCount++;
    for (const series of this.series.values()) series.clear();
  }

  /**
   * @param {string} name
   * @returns {Series | null} null when there is no place for it
   */
  #open(name) {
    const held = this.series.get(name);
    if (held) return held;
    if (this.series.size >= MAX_SERIES || this.#chosen?.has(name) === false) {
      this.omittedNames.add(name);
      return null;
    }
    const series = new Series(name, this.#freeSlot());
    series.completeFrom = this.#since;
    this.series.set(name, series);
    this.omittedNames.delete(name);
    this.layoutVersion++;
    return series;
  }

  /** The first place that no series has, so that each keeps its colour. */
  #freeSlot() {
    const taken = new Set([...this.series.values()].map(({ slot }) => slot));
    let slot = 0;
    while (taken.has(slot)) slot++;
    return slot;
  }
}

/** A series that history does not name has no readings in its range. */
const NOTHING = { unit: null, tier: "raw", bucket: null, t: [], value: [] };

/** Stretches that are remembered at most. */
const MOST_GAPS = 1_000;

/**
 * Both lists as one, in the order of time, each stretch once; the same list when nothing is new.
 *
 * @param {Gap[]} known
 * @param {Gap[]} others
 * @returns {Gap[]}
 */
function united(known, others) {
  const all = new Map([...known, ...others].map((gap) => [JSON.stringify(gap), gap]));
  if (all.size === known.length) return known;
  const time = (/** @type {Gap} */ { from, to }) => from ?? to ?? -Infinity;
  return [...all.values()].sort((a, b) => time(a) - time(b)).slice(-MOST_GAPS);
}
