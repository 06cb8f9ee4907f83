import { medianInterval } from "./sortedTimes.js";

/** The line never breaks for less than this, in seconds. */
export const MIN_GAP_SECONDS = 3;
/** The line breaks where this many usual intervals have no reading. */
const GAP_INTERVALS = 5;
/** Two buckets that are this many times further apart than usual have an empty one between them. */
const GAP_BUCKETS = 1.5;
/** This many long intervals in a row mean that the sender was slower, not that readings are missing. */
const MIN_SLOW_INTERVALS = 8;

/**
 * Return the seconds without a reading after which a line of readings breaks.
 *
 * @param {number} intervalSeconds usual distance between two readings
 */
export const readingGap = (intervalSeconds) =>
  Math.max(MIN_GAP_SECONDS, GAP_INTERVALS * intervalSeconds);

/**
 * Return the seconds between two bucket starts above which there is an empty bucket between them.
 *
 * @param {number} distanceSeconds usual distance between two bucket starts
 */
export const bucketGap = (distanceSeconds) => GAP_BUCKETS * distanceSeconds;

/**
 * Return the gap of columns in which a sender may have been slower for a part of the time.
 *
 * There the line must not break between any two readings. So the gap follows the slowest part.
 *
 * @param {ArrayLike<number>} times ascending
 * @param {number} start index of the first time
 * @param {number} end index after the last time
 * @param {number} usualGapSeconds gap of most of the readings
 * @param {(distanceSeconds: number) => number} gapOf returns the gap for a usual distance
 */
export function widenGap(times, start, end, usualGapSeconds, gapOf) {
  let gapSeconds = usualGapSeconds;
  let runStart = start;
  for (let i = start + 1; i <= end; i++) {
    if (i < end && times[i] - times[i - 1] > usualGapSeconds) continue;
    // The intervals from `runStart` to `i - 1` are all long.
    if (i - 1 - runStart >= MIN_SLOW_INTERVALS) {
      gapSeconds = Math.max(gapSeconds, gapOf(medianInterval(times, runStart, i)));
    }
    runStart = i;
  }
  return gapSeconds;
}
