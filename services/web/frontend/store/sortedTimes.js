/**
 * The index of the first time that is not before `time`; `high` when all are before it.
 *
 * @param {ArrayLike<number>} times ascending
 * @param {number} time
 * @param {number} low where to look from
 * @param {number} high up to where
 * @returns {number}
 */
export function lowerBound(times, time, low = 0, high = times.length) {
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The middle one of the distances between neighbours; 0 when there are less than two times.
 *
 * @param {ArrayLike<number>} times ascending
 * @param {number} start
 * @param {number} end
 */
export function medianInterval(times, start, end) {
  const distances = [];
  for (let i = start + 1; i < end; i++) distances.push(times[i] - times[i - 1]);
  distances.sort((a, b) => a - b);
  return distances.length ? distances[distances.length >> 1] : 0;
}
