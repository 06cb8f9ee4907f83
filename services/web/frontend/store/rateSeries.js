import { readingGap } from "./gapThreshold.js";
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

  /** The rate between the two newest readings, or null. */
  get newest() {
    const { t, mean, end } = this.readings;
    return end ? { time: t[end - 1], value: mean[end - 1] } : null;
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
  #key;

  /**
   * @param {ColumnSource} source
   * @param {number} unitSeconds 1 for a rate per second
   */
  constructor(source, unitSeconds) {
    const { t, mean, start, end, gapSeconds } = source;
    this.#key = keyOf(source);
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
    return this.#key === keyOf(source);
  }
}

/** @param {ColumnSource} source */
const keyOf = ({ t, start, end, version }) => `${start} ${end} ${version} ${t[end - 1]}`;
