import { EarlierReadings } from "./earlierReadings.js";
import { readingGap } from "./gapThreshold.js";
import { lastAt } from "./heldValues.js";
import { findNearest, summarizeSegments } from "./segmentQueries.js";
import { selectSegments } from "./segments.js";

/** @typedef {import("./segments.js").CachedInterval} CachedInterval */
/** @typedef {import("./segments.js").ColumnSource} ColumnSource */
/** @typedef {import("./series.js").Series} Series */

const HOUR_SECONDS = 3_600;
/** Unit of a rate by the unit of its counter, where that has a name of its own. */
const RATE_UNITS = new Map([["Wh", "W"], ["kWh", "kW"], ["MWh", "MW"], ["B", "B/s"], ["bit", "bit/s"]]);
/** Units whose rate is given per second; others change too slowly for that. */
const FAST_UNITS = new Set(["B", "bit", "packets", "requests", "errors"]);

/** The rate of a counter, as a series to draw. A counter that begins again has no rate there. */
export class RateSeries {
  /** Derived columns of each source. @type {WeakMap<ColumnSource, DerivedColumns>} */
  #derived = new WeakMap();
  /** Nothing: a rate needs two readings. */
  earlier = new EarlierReadings();

  /** @type {import("./series.js").TimedValue | null} */
  #newest = null;
  /** Revision of the counter that `#newest` is from. */
  #newestOf = -1;

  /** @param {Series} base the counter */
  constructor(base) {
    this.base = base;
    this.name = base.name;
  }

  get isPerSecond() {
    const { unit } = this.base;
    return unit === null || FAST_UNITS.has(unit);
  }

  get unit() {
    const { unit } = this.base;
    const suffix = this.isPerSecond ? "/s" : "/h";
    return RATE_UNITS.get(unit ?? "") ?? `${unit ?? ""}${suffix}`;
  }

  get revision() {
    return this.base.revision;
  }

  get color() {
    return this.base.color;
  }

  get label() {
    return this.base.label;
  }

  get tags() {
    return this.base.tags;
  }

  get kind() {
    return "measure";
  }

  /** The newest rate: between two readings, otherwise between two buckets; null without one. */
  get newest() {
    if (this.#newestOf !== this.base.revision) {
      this.#newestOf = this.base.revision;
      this.#newest = lastAt(this, Infinity);
    }
    return this.#newest;
  }

  get historyVersion() {
    return this.base.historyVersion;
  }

  /** Rates between single readings. */
  get readings() {
    return this.#derive(this.base.readings);
  }

  /** @returns {CachedInterval[]} */
  get cachedIntervals() {
    return this.base.cachedIntervals.map((interval) => ({
      ...interval,
      source: this.#derive(interval.source),
    }));
  }

  /**
   * @param {number} from seconds
   * @param {number} to seconds
   * @param {number} columnSeconds
   */
  selectSegments(from, to, columnSeconds) {
    return selectSegments(this.cachedIntervals, from, to, columnSeconds);
  }

  /**
   * @param {number} from seconds
   * @param {number} to seconds
   */
  summary(from, to) {
    const { segments } = this.selectSegments(from, to, (to - from) / 1_000);
    return summarizeSegments(segments, from, to);
  }

  /**
   * @param {number} time seconds
   * @param {number} maxDistanceSeconds
   */
  nearest(time, maxDistanceSeconds) {
    const [from, to] = [time - maxDistanceSeconds, time + maxDistanceSeconds];
    const { segments } = this.selectSegments(from, to, maxDistanceSeconds / 50);
    return findNearest(segments, time, maxDistanceSeconds);
  }

  /** @param {number} time seconds */
  lineEnd(time) {
    const { newest } = this;
    return newest && newest.time <= time ? newest : null;
  }

  /** @param {ColumnSource} source */
  #derive(source) {
    const known = this.#derived.get(source);
    if (known?.follow(source)) return known;
    const unitSeconds = this.isPerSecond ? 1 : HOUR_SECONDS;
    const derived = new DerivedColumns(source, unitSeconds, (known?.version ?? 0) + 1);
    this.#derived.set(source, derived);
    return derived;
  }
}

/**
 * Rates between the readings or buckets of a source, each at the time of the later one. Those of new
 * readings are appended; with other changes there are new columns, of a higher version.
 */
class DerivedColumns {
  start = 0;
  end = 0;
  dropped = 0;
  #source;
  #unitSeconds;
  /** Gap of the source at the time of the derivation, in seconds. */
  #sourceGapSeconds;

  /**
   * @param {ColumnSource} source
   * @param {number} unitSeconds 1 for a rate per second
   * @param {number} version
   */
  constructor(source, unitSeconds, version) {
    const { start, end, gapSeconds } = source;
    this.version = version;
    this.bucketSeconds = source.bucketSeconds;
    this.gapSeconds = Math.max(gapSeconds, readingGap(0));
    this.#unitSeconds = unitSeconds;
    this.#sourceGapSeconds = gapSeconds;
    this.#source = { start, end: start, version: source.version, last: NaN };
    this.t = new Float64Array(end - start);
    this.mean = new Float64Array(end - start);
    this.#append(source);
  }

  get length() {
    return this.end;
  }

  /** The rate again: it has no range. */
  get min() {
    return this.mean;
  }

  get max() {
    return this.mean;
  }

  /**
   * Append the rates of new readings.
   *
   * @param {ColumnSource} source
   * @returns {boolean} false if the source has changed otherwise
   */
  follow(source) {
    const { start, end, version, last } = this.#source;
    const isSame =
      source.start === start &&
      source.version === version &&
      source.gapSeconds === this.#sourceGapSeconds &&
      (end === start || source.t[end - 1] === last);
    if (!isSame || source.end < end) return false;
    // A bucket may still grow.
    if (source.end > end && source.bucketSeconds) return false;
    if (source.end > end) this.#append(source);
    return true;
  }

  /** @param {ColumnSource} source */
  #append(source) {
    const { t, mean, start, end } = source;
    this.#makeRoom(end - start);
    for (let i = Math.max(start + 1, this.#source.end); i < end; i++) {
      const increase = mean[i] - mean[i - 1];
      const seconds = t[i] - t[i - 1];
      if (increase < 0 || seconds <= 0 || seconds > this.#sourceGapSeconds) continue;
      this.t[this.end] = t[i];
      this.mean[this.end++] = (increase / seconds) * this.#unitSeconds;
    }
    this.#source.end = end;
    this.#source.last = t[end - 1];
  }

  /** @param {number} capacity */
  #makeRoom(capacity) {
    if (capacity <= this.t.length) return;
    const [t, mean] = [this.t, this.mean];
    this.t = new Float64Array(2 * capacity);
    this.mean = new Float64Array(2 * capacity);
    this.t.set(t);
    this.mean.set(mean);
  }
}
