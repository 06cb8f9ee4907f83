import { lowerBound } from "./sortedTimes.js";

/**
 * Columns of readings or buckets, ascending in time.
 *
 * @typedef {object} ColumnSource
 * @property {Float64Array} t seconds: time of a reading, or start of a bucket
 * @property {Float64Array} min
 * @property {Float64Array} max
 * @property {Float64Array} mean for a reading: its value
 * @property {number} start index of the first one
 * @property {number} end index after the last one
 * @property {number} bucketSeconds length of a bucket; 0 for single readings
 * @property {number} gapSeconds seconds; a longer time without a reading is a gap
 * @property {number} version number that grows with a change
 * @property {Float64Array} [count] readings of each bucket
 */
/**
 * Interval for which a source holds everything.
 *
 * @typedef {object} CachedInterval
 * @property {ColumnSource} source
 * @property {number} from seconds
 * @property {number} to seconds
 * @property {number} requestedColumnSeconds requested resolution; the server has no finer data
 * @property {boolean} stale true if the server may have other data by now
 */
/**
 * Part of a source that is drawn. `start` is the index of its first reading or bucket, `end` the
 * index after its last.
 *
 * @typedef {{ source: ColumnSource, from: number, to: number, start: number,
 *             end: number }} Segment
 */

/** Buckets up to this many times as long as a pixel column look the same as shorter ones. */
const MAX_BUCKET_COLUMNS = 1.25;

/**
 * Return true if an interval is as fine as the display needs, or as fine as the server has it.
 *
 * @param {CachedInterval} interval
 * @param {number} columnSeconds seconds of a pixel column
 */
function isFineEnough({ source, requestedColumnSeconds, stale }, columnSeconds) {
  const resolution = Math.min(source.bucketSeconds, requestedColumnSeconds);
  return !stale && resolution <= columnSeconds * MAX_BUCKET_COLUMNS;
}

/**
 * Select the best data for each part of a range.
 *
 * Single readings come first, then the longest buckets that are fine enough, then the finest of
 * the others.
 *
 * @param {CachedInterval[]} intervals
 * @param {number} from seconds
 * @param {number} to seconds
 * @param {number} columnSeconds seconds of a pixel column
 * @returns {{ segments: Segment[], missing: [number, number][] }} segments ascending in time, and
 *   the ranges without data that is fine enough
 */
export function selectSegments(intervals, from, to, columnSeconds) {
  const ranked = [...intervals].sort((a, b) => rank(a, columnSeconds) - rank(b, columnSeconds));
  /** @type {Segment[]} */
  const segments = [];
  /** @type {[number, number][]} */
  let uncovered = [[from, to]];
  /** @type {[number, number][]} */
  let missing = [[from, to]];
  for (const interval of ranked) {
    if (isFineEnough(interval, columnSeconds)) {
      missing = missing.flatMap((range) => subtractInterval(range, interval));
    }
    for (const range of uncovered) {
      const start = Math.max(range[0], interval.from);
      const end = Math.min(range[1], interval.to);
      if (start < end) segments.push(cutSegment(interval.source, start, end, from, to));
    }
    uncovered = uncovered.flatMap((range) => subtractInterval(range, interval));
    if (!uncovered.length && !missing.length) break;
  }
  segments.sort((a, b) => a.from - b.from);
  return { segments, missing };
}

/**
 * @param {CachedInterval} interval
 * @param {number} columnSeconds
 * @returns {number} low for the best
 */
function rank(interval, columnSeconds) {
  const { bucketSeconds } = interval.source;
  if (interval.stale) return Infinity;
  if (!bucketSeconds) return -Infinity;
  return isFineEnough(interval, columnSeconds) ? -bucketSeconds : bucketSeconds;
}

/**
 * Return the parts of a range that are outside an interval.
 *
 * @param {[number, number]} range
 * @param {CachedInterval} interval
 * @returns {[number, number][]}
 */
function subtractInterval([start, end], { from, to }) {
  /** @type {[number, number][]} */
  const parts = [[start, Math.min(end, from)], [Math.max(start, to), end]];
  return parts.filter((part) => part[0] < part[1]);
}

/**
 * Cut a segment out of a source.
 *
 * At an edge of the window it includes one more reading: so the line continues to the edge.
 *
 * @param {ColumnSource} source
 * @param {number} from seconds; start of the segment
 * @param {number} to seconds
 * @param {number} windowFrom seconds; start of the window
 * @param {number} windowTo seconds
 * @returns {Segment}
 */
function cutSegment(source, from, to, windowFrom, windowTo) {
  let start = lowerBound(source.t, from, source.start, source.end);
  let end = lowerBound(source.t, to, start, source.end);
  if (from === windowFrom && start > source.start) start--;
  if (to === windowTo && end < source.end) end++;
  return { source, from, to, start, end };
}
