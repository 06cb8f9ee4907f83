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

  /** A change of the counter may change its rate anywhere. */
  get historyVersion() {
    return this.base.revision;
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
    if (known?.isOf(source)) return known;
    const derived = new DerivedColumns(source, this.isPerSecond ? 1 : HOUR_SECONDS);
    this.#derived.set(source, derived);
    return derived;
  }
}

/** Rates between the readings or buckets of a source, each at the time of the later one. */
class DerivedColumns {
  start = 0;
  version = 0;
  dropped = 0;
  #source;

  /**
   * @param {ColumnSource} source
   * @param {number} unitSeconds 1 for a rate per second
   */
  constructor(source, unitSeconds) {
    const { t, mean, start, end, gapSeconds } = source;
    this.#source = { start, end, version: source.version, last: t[end - 1] };
    /** @type {number[]} */
    const times = [];
    /** @type {number[]} */
    const rates = [];
    for (let i = start + 1; i < end; i++) {
      const increase = mean[i] - mean[i - 1];
      const seconds = t[i] - t[i - 1];
      if (increase < 0 || seconds <= 0 || seconds > gapSeconds) continue;
      times.push(t[i]);
      rates.push((increase / seconds) * unitSeconds);
    }
    this.t = Float64Array.from(times);
    this.mean = Float64Array.from(rates);
    this.min = this.max = this.mean;
    this.bucketSeconds = source.bucketSeconds;
    this.gapSeconds = Math.max(gapSeconds, readingGap(0));
  }

  get end() {
    return this.t.length;
  }

  get length() {
    return this.t.length;
  }

  /** @param {ColumnSource} source */
  isOf(source) {
    const { start, end, version, last } = this.#source;
    const isSame = source.start === start && source.end === end && source.version === version;
    return isSame && (end === start || source.t[end - 1] === last);
  }
}
