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

  /** @param {{ name: string, kind: string, unit: string | null }} base the series at present */
  constructor({ name, kind, unit }) {
    this.name = name;
    this.kind = kind;
    this.unit = unit;
  }

  get historyVersion() {
    return this.revision;
  }

  /** Number of its readings or buckets. */
  get length() {
    return this.cachedIntervals.reduce((sum, { source }) => sum + source.end, 0);
  }

  /**
   * Replace everything by loaded history.
   *
   * @param {HistoryColumns} columns not used elsewhere; their times are moved
   * @param {number} shift seconds by which the history is moved towards the present
   */
  replace(columns, shift) {
    for (let i = 0; i < columns.end; i++) columns.t[i] += shift;
    const { from, to, requestedColumnSeconds } = columns;
    this.cachedIntervals = [
      { source: columns, from: from + shift, to: to + shift, requestedColumnSeconds, stale: false },
    ];
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
