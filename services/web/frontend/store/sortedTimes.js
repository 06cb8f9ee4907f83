/**
 * Return the index of the first time that is not before `time`, or `end` if all are before it.
 *
 * @param {ArrayLike<number>} times ascending
 * @param {number} time
 * @param {number} start index where the search begins
 * @param {number} end index before which the search ends
 * @returns {number}
 */
export function lowerBound(times, time, start = 0, end = times.length) {
  while (start < end) {
    const middle = (start + end) >>> 1;
    if (times[middle] < time) start = middle + 1;
    else end = middle;
  }
  return start;
}

/**
 * Return the median distance between neighbouring times, or 0 for fewer than two times.
 *
 * @param {ArrayLike<number>} times ascending
 * @param {number} start index of the first time
 * @param {number} end index after the last time
 */
export function medianInterval(times, start, end) {
  const intervals = [];
  for (let i = start + 1; i < end; i++) intervals.push(times[i] - times[i - 1]);
  intervals.sort((a, b) => a - b);
  return intervals.length ? intervals[intervals.length >> 1] : 0;
}
