/**
 * The index of the first time that is not before `time`; the length when all are before it.
 *
 * @param {ArrayLike<number>} times ascending
 * @param {number} time
 * @returns {number}
 */
export function lowerBound(times, time) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
