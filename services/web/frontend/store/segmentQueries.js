import { lowerBound } from "./sortedTimes.js";

/** @typedef {import("./segments.js").Segment} Segment */
/** @typedef {{ min: number, max: number, mean: number, count: number }} Summary */
/**
 * @typedef {{ time: number, value: number, min: number, max: number, since?: number,
 *             isExact?: boolean, 
 *             period?: import("./increases.js").BarPeriod }} NearestPoint
 */

/** Within this share of the search distance a reading counts even inside a gap. */
const CLOSE_SHARE = 0.1;

/**
 * Return the minimum, maximum, mean and count between two times, or null without readings.
 *
 * @param {Segment[]} segments
 * @param {number} from seconds
 * @param {number} to seconds, inclusive
 * @returns {Summary | null}
 */
export function summarizeSegments(segments, from, to) {
  let [min, max, mean, count] = [Infinity, -Infinity, 0, 0];
  for (const { source, start, end } of segments) {
    const { t, min: mins, max: maxes, mean: means, count: counts } = source;
    for (let i = start; i < end; i++) {
      if (t[i] < from || t[i] > to) continue;
      const weight = counts?.length ? counts[i] : 1;
      if (mins[i] < min) min = mins[i];
      if (maxes[i] > max) max = maxes[i];
      count += weight;
      mean += ((means[i] - mean) * weight) / count;
    }
  }
  return count ? { min, max, mean, count } : null;
}

/**
 * Return the reading or bucket that is nearest to a time.
 *
 * The result is null if all are further away, or if the time lies in a gap.
 *
 * @param {Segment[]} segments
 * @param {number} time seconds
 * @param {number} maxDistanceSeconds
 * @returns {NearestPoint | null}
 */
export function findNearest(segments, time, maxDistanceSeconds) {
  /** @type {NearestPoint | null} */
  let nearest = null;
  let minDistance = maxDistanceSeconds;
  let endBefore = -Infinity;
  let startAfter = Infinity;
  let gapSeconds = 0;
  for (const { source, start, end } of segments) {
    const { t, min, max, mean, bucketSeconds } = source;
    const next = lowerBound(t, time, start, end);
    for (let i = Math.max(start, next - 1); i < Math.min(end, next + 1); i++) {
      const bucketEnd = t[i] + bucketSeconds;
      if (t[i] <= time) endBefore = Math.max(endBefore, bucketEnd);
      else startAfter = Math.min(startAfter, t[i]);
      gapSeconds = Math.max(gapSeconds, source.gapSeconds);
      const distance = time < t[i] ? t[i] - time : Math.max(0, time - bucketEnd);
      if (distance > minDistance) continue;
      minDistance = distance;
      nearest = { time: t[i] + bucketSeconds / 2, value: mean[i], min: min[i], max: max[i] };
    }
  }
  // No line connects the readings on both sides of a gap, so only a close reading is meant.
  const isOneSided = endBefore === -Infinity || startAfter === Infinity;
  const isInGap = (isOneSided ? minDistance : startAfter - endBefore) > gapSeconds;
  return isInGap && minDistance > maxDistanceSeconds * CLOSE_SHARE ? null : nearest;
}
