import { lowerBound } from "./sortedTimes.js";

/** @typedef {import("./segments.js").Segment} Piece */
/** @typedef {{ min: number, max: number, mean: number, count: number }} Summary */
/** @typedef {{ time: number, value: number, min: number, max: number }} Nearest */

/** A share of the reach. */
const CLOSE = 0.1;

/**
 * @param {Piece[]} pieces
 * @param {number} from
 * @param {number} to
 * @returns {Summary | null}
 */
export function summarizeSegments(pieces, from, to) {
  let [min, max, mean, count] = [Infinity, -Infinity, 0, 0];
  for (const { source, first, end } of pieces) {
    const { t, min: mins, max: maxes, mean: means, count: counts } = source;
    for (let i = first; i < end; i++) {
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
 * @param {Piece[]} pieces
 * @param {number} time
 * @param {number} reach
 * @returns {Nearest | null}
 */
export function findNearest(pieces, time, reach) {
  /** @type {Nearest | null} */
  let best = null;
  let least = reach;
  let before = -Infinity;
  let after = Infinity;
  let gap = 0;
  for (const { source, first, end } of pieces) {
    const { t, min, max, mean, bucketSeconds: bucket } = source;
    const at = lowerBound(t, time, first, end);
    for (let i = Math.max(first, at - 1); i < Math.min(end, at + 1); i++) {
      const begins = t[i];
      const ends = begins + bucket;
      if (begins <= time) before = Math.max(before, ends);
      else after = Math.min(after, begins);
      gap = Math.max(gap, source.gapSeconds);
      const distance = time < begins ? begins - time : Math.max(0, time - ends);
      if (distance > least) continue;
      least = distance;
      best = { time: begins + bucket / 2, value: mean[i], min: min[i], max: max[i] };
    }
  }
  // Between two readings that no line connects there is nothing, but close by a reading is meant.
  const alone = before === -Infinity || after === Infinity;
  const inGap = (alone ? least : after - before) > gap;
  return inGap && least > reach * CLOSE ? null : best;
}
