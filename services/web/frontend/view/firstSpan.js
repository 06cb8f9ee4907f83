/** Lengths of the first window; a length in between would be odd. */
const SPANS = [60, 300, 900, 3_600, 21_600, 86_400, 604_800, 2_592_000];
const DAY_SECONDS = 86_400;
/** Readings of the fastest chart that the first window shows at least, and of the slowest. */
const MIN_FAST_READINGS = 60;
const MIN_SLOW_READINGS = 20;
/** A cadence of a second is never exact: 61 s of readings still fit into a minute. */
const TOLERANCE = 1.1;
/** Share of a window that may be empty because the readings have ended. */
const MAX_EMPTY_SHARE = 0.8;

/**
 * @typedef {{ unit: string | null, t: number[], count?: number[] }} Times times of readings in
 *   seconds; `count` has the readings of each time where these are buckets
 */

/**
 * Return the usual time between two readings.
 *
 * @param {Times} times
 * @returns {number | null} seconds; null if there are too few readings
 */
export function intervalOf({ t, count }) {
  const readings = count?.reduce((sum, one) => sum + one, 0) ?? t.length;
  if (readings < 3 || t.length < 2) return null;
  return (t[t.length - 1] - t[0]) / (readings - 1);
}

/**
 * Choose the length of the first window, so that each chart has points.
 *
 * @param {number[]} intervals usual time between two readings, one for each chart with readings
 * @param {number} ageSeconds age of the newest reading
 * @returns {number} seconds; Infinity shows all readings
 */
export function chooseFirstSpan(intervals, ageSeconds) {
  const [fastest, slowest] = [Math.min(...intervals), Math.max(...intervals)];
  const slow = Math.min(MIN_SLOW_READINGS * slowest, DAY_SECONDS);
  const needed = intervals.length ? Math.max(MIN_FAST_READINGS * fastest, slow) : 0;
  const reached = ageSeconds / MAX_EMPTY_SHARE;
  return SPANS.find((span) => span * TOLERANCE >= needed && span >= reached) ?? Infinity;
}

/**
 * Return the usual time between two readings of each chart: the median of its series.
 *
 * @param {Times[]} all
 * @returns {number[]} seconds, only of charts with enough readings
 */
export function chartIntervals(all) {
  /** @type {Map<string | null, number[]>} */
  const byUnit = new Map();
  for (const times of all) {
    const interval = intervalOf(times);
    if (interval === null) continue;
    const known = byUnit.get(times.unit);
    if (known) known.push(interval);
    else byUnit.set(times.unit, [interval]);
  }
  return [...byUnit.values()].map((intervals) => {
    const sorted = intervals.toSorted((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
  });
}
