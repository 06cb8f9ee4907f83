import { EarlierReadings } from "./earlierReadings.js";
import { findNearest, summarizeSegments } from "./segmentQueries.js";
import { selectSegments } from "./segments.js";

/** @typedef {import("./historyColumns.js").HistoryColumns} HistoryColumns */
/** @typedef {import("./segments.js").CachedInterval} CachedInterval */

const EMPTY = new Float64Array(0);
/** A ghost has no live readings. */
const NO_READINGS = {
  t: EMPTY, min: EMPTY, max: EMPTY, mean: EMPTY,
  start: 0, end: 0, length: 0, bucketSeconds: 0, gapSeconds: 0, version: 0, dropped: 0,
};

/** The readings of a series at an earlier time, moved to the present, as a series to draw. */
export class GhostSeries {
  readings = NO_READINGS;
  newest = null;
  /** Number that grows with each change. */
  revision = 0;
  /** @type {CachedInterval[]} */
  cachedIntervals = [];
  /** The last reading before them: a state holds its value. */
  earlier = new EarlierReadings();

  /** @param {{ name: string, kind: string, unit: string | null }} base the series at present */
  constructor(base) {
    this.base = base;
    this.name = base.name;
  }

  get kind() {
    return this.base.kind;
  }

  get unit() {
    return this.base.unit;
  }

  get historyVersion() {
    return this.revision;
  }

  /** True if it has something to draw: readings, or a state from before them. */
  get hasReadings() {
    const { cachedIntervals, earlier, kind } = this;
    const held = kind === "state" ? earlier.intervals : [];
    return [...cachedIntervals.map(({ source }) => source), ...held].some(({ end }) => end > 0);
  }

  /**
   * Replace everything by loaded history.
   *
   * @param {HistoryColumns} columns not used elsewhere; their times are moved
   * @param {number} shift seconds by which the history is moved towards the present
   * @param {{ t: number, value: number } | null} [before] the last reading before the range, with
   *   its own time; null if there is none
   */
  replace(columns, shift, before) {
    for (let i = 0; i < columns.end; i++) columns.t[i] += shift;
    const { from, to, requestedColumnSeconds } = columns;
    this.cachedIntervals = [
      { source: columns, from: from + shift, to: to + shift, requestedColumnSeconds, stale: false },
    ];
    this.earlier.clear();
    if (before !== undefined) {
      this.earlier.add(from + shift, before && { t: before.t + shift, value: before.value });
    }
    this.revision++;
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

  lineEnd() {
    return null;
  }
}
