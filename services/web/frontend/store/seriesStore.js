import { HistoryColumns } from "./historyColumns.js";
import { MAX_READINGS, Series } from "./series.js";

/** Series that the page caches and draws at the same time if somebody has chosen them. */
export const MAX_SERIES = 100;

/** Series that it shows while nobody has chosen any: more would be a wall of lines. */
export const MAX_AUTOMATIC_SERIES = 20;

/** @typedef {import("./seriesDescription.js").SeriesInfo} SeriesInfo */
/**
 * Interval with missing readings; null is unknown.
 *
 * @typedef {{ from: number | null, to: number | null, count: number | null,
 *             reason: string }} Gap
 */
/**
 * @typedef {{ from: number, to: number, cursor: string | null,
 *             series: Record<string, import("./historyColumns.js").SeriesHistory>,
 *             gaps?: Gap[] }} HistoryResponse
 */

/** Single readings of all series together, about 10 MB; older ones become buckets. */
const MAX_ALL_READINGS = MAX_AUTOMATIC_SERIES * MAX_READINGS;

/** A series that a response does not name has no readings in its range. */
/** @type {import("./historyColumns.js").SeriesHistory} */
const EMPTY_HISTORY = { unit: null, tier: "raw", bucket: null, t: [], value: [] };

/** Gaps that are remembered; the oldest are dropped. */
const MAX_GAPS = 1_000;

/** The series that the page shows, and the names of those for which it has no room. */
export class SeriesStore {
  /** Known gaps, ascending in time. @type {Gap[]} */
  gaps = [];
  /** Time of the first known reading of all series; Infinity without readings. */
  firstTime = Infinity;
  /** Time from which a series is complete that the history does not name. */
  #completeFrom = -Infinity;
  /** Names of the selected series; null accepts any. @type {Set<string> | null} */
  #selectedNames = null;

  /** @param {number} spanSeconds length of the interval that is loaded at the start */
  constructor(spanSeconds) {
    this.spanSeconds = spanSeconds;
    /** @type {Map<string, Series>} */
    this.series = new Map();
    /** Number that grows when a series is added or removed, or its description changes. */
    this.layoutVersion = 0;
    /** Number of times that all readings were forgotten; older requests may be wrong then. */
    this.resetCount = 0;
    /** Names of series that are not shown. @type {Set<string>} */
    this.omittedNames = new Set();
  }

  /**
   * Cache only these series from now on, or with null the first ones that arrive.
   *
   * @param {string[] | null} names
   */
  selectSeries(names) {
    this.#selectedNames = names && new Set(names);
    for (const name of this.series.keys()) {
      if (this.#selectedNames?.has(name)) continue;
      this.series.delete(name);
      this.omittedNames.add(name);
    }
    this.#shareReadings();
    this.layoutVersion++;
  }

  /**
   * Return the known names that are no longer listed: those series were deleted or renamed.
   *
   * A series that arrived live may be too new for the list and is not included.
   *
   * @param {SeriesInfo[]} list all series of the server
   * @param {boolean} fromScratch true if live readings are going to be sent again
   */
  findRemoved(list, fromScratch) {
    const listed = new Set(list.map(({ name }) => name));
    const shown = [...this.series.values()].filter(
      (series) => series.listed || (fromScratch && !this.#selectedNames?.has(series.name)),
    );
    const names = [...shown.map(({ name }) => name), ...(fromScratch ? this.omittedNames : [])];
    return new Set(names.filter((name) => !listed.has(name)));
  }

  /**
   * Forget series; if one of these names arrives later, it is a new series.
   *
   * @param {Set<string>} names
   */
  removeSeries(names) {
    if (!names.size) return;
    for (const name of names) {
      this.series.delete(name);
      this.omittedNames.delete(name);
      this.#selectedNames?.delete(name);
    }
    if (!this.#selectedNames?.size) this.#selectedNames = null;
    this.layoutVersion++;
  }

  /** Number of all known series, shown or not. */
  get totalCount() {
    return this.series.size + this.omittedNames.size;
  }

  /** Time of the newest reading of the shown series in seconds, or null. */
  get newestTime() {
    let newest = null;
    for (const series of this.series.values()) {
      const time = series.newest?.time;
      if (time !== undefined && (newest === null || time > newest)) newest = time;
    }
    return newest;
  }

  /**
   * Update descriptions and newest readings from the server's list.
   *
   * @param {SeriesInfo[]} list all series of the server
   * @param {Set<string>} shownNames series to show; they need not be listed
   * @param {boolean} [fromScratch] true if the known first reading may be deleted
   */
  updateInfo(list, shownNames, fromScratch = false) {
    if (fromScratch) this.firstTime = Infinity;
    for (const name of shownNames) {
      const series = this.series.has(name) ? null : this.#findOrAdd(name);
      // It has no readings until its history is loaded.
      if (series) series.completeFrom = Infinity;
    }
    for (const info of list) {
      const { name, first, last, value } = info;
      if (typeof first === "number") this.firstTime = Math.min(this.firstTime, first);
      const series = this.series.get(name);
      if (!series) {
        this.omittedNames.add(name);
        continue;
      }
      series.listed = true;
      const hasNewest = typeof last === "number" && typeof value === "number";
      series.setListedNewest(hasNewest ? { time: last, value } : null);
      if (series.describe(info)) this.layoutVersion++;
    }
  }

  /**
   * Replace the cached readings with the newest history; a series without history stays, empty.
   *
   * @param {HistoryResponse} history up to now
   * @param {boolean} fromScratch true to also forget readings that are newer than the history
   */
  replaceHistory(history, fromScratch) {
    if (fromScratch) this.#clearSeries();
    this.#completeFrom = history.from;
    for (const [name, seriesHistory] of Object.entries(history.series)) {
      this.#findOrAdd(name)?.replaceNewest(seriesHistory, history.from);
    }
    for (const series of this.series.values()) {
      if (!Number.isFinite(series.completeFrom)) series.completeFrom = history.from;
    }
    this.gaps = history.gaps ?? [];
  }

  /**
   * Add an interval of history.
   *
   * @param {HistoryResponse} history
   * @param {string[]} names requested series
   * @param {number} columnSeconds requested resolution: seconds of a pixel column
   * @param {number} now seconds
   */
  addHistory(history, names, columnSeconds, now) {
    for (const name of names) {
      const series = this.series.get(name);
      const seriesHistory = history.series[name] ?? EMPTY_HISTORY;
      const { from, to } = history;
      const columns = new HistoryColumns(seriesHistory, from, to, columnSeconds, now);
      if (seriesHistory.before !== undefined) series?.earlier.add(from, seriesHistory.before);
      series?.addHistory(columns);
    }
    this.gaps = mergeGaps(this.gaps, history.gaps ?? []);
  }

  /**
   * Add live readings.
   *
   * A new series is skipped if all its readings are older than the loaded interval. So an import
   * of old readings takes no slot from a live series.
   *
   * @param {string} name
   * @param {number[]} times seconds
   * @param {number[]} values
   */
  addReadings(name, times, values) {
    if (!this.series.has(name) && times.every((time) => time < this.#completeFrom)) return;
    for (const time of times) if (time < this.firstTime) this.firstTime = time;
    this.#findOrAdd(name)?.addReadings(times, values);
  }

  #clearSeries() {
    this.resetCount++;
    for (const series of this.series.values()) series.clear();
  }

  /**
   * @param {string} name
   * @returns {Series | null} null if there is no room, or others are selected
   */
  #findOrAdd(name) {
    const existing = this.series.get(name);
    if (existing) return existing;
    const maxSeries = this.#selectedNames ? MAX_SERIES : MAX_AUTOMATIC_SERIES;
    if (this.series.size >= maxSeries || this.#selectedNames?.has(name) === false) {
      this.omittedNames.add(name);
      return null;
    }
    const series = new Series(name);
    series.completeFrom = this.#completeFrom;
    this.series.set(name, series);
    this.#shareReadings();
    this.omittedNames.delete(name);
    this.layoutVersion++;
    return series;
  }

  /** Let each series hold its share of the single readings that the page has room for. */
  #shareReadings() {
    const share = Math.floor(MAX_ALL_READINGS / this.series.size);
    for (const series of this.series.values()) series.maxReadings = Math.min(MAX_READINGS, share);
  }
}

/**
 * Merge two lists of gaps without duplicates, ascending in time.
 *
 * @param {Gap[]} known
 * @param {Gap[]} others
 * @returns {Gap[]} `known` itself if there is nothing new
 */
function mergeGaps(known, others) {
  const gaps = new Map([...known, ...others].map((gap) => [JSON.stringify(gap), gap]));
  if (gaps.size === known.length) return known;
  const timeOf = (/** @type {Gap} */ { from, to }) => from ?? to ?? -Infinity;
  return [...gaps.values()].sort((a, b) => timeOf(a) - timeOf(b)).slice(-MAX_GAPS);
}
