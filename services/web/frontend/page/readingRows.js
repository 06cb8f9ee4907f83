/**
 * A reading, or a bucket of readings where history is coarse.
 *
 * @typedef {object} ReadingRow
 * @property {number} time seconds; the start of a bucket
 * @property {number} value the mean of a bucket
 * @property {number} min
 * @property {number} max
 * @property {number} count
 * @property {number} bucketSeconds length of the bucket, 0 for a single reading
 */

/**
 * Yield what the page holds of a series between two times, at the resolution of a chart.
 *
 * @param {Pick<import("../store/series.js").Series, "selectSegments">} series
 * @param {number} from seconds
 * @param {number} to seconds
 * @param {number} columnSeconds seconds in one column of pixels
 * @returns {Generator<ReadingRow>} ascending in time
 */
export function* readingRows(series, from, to, columnSeconds) {
  for (const { source, start, end } of series.selectSegments(from, to, columnSeconds).segments) {
    const { t, min, max, mean, count, bucketSeconds } = source;
    for (let i = start; i < end; i++) {
      if (t[i] < from || t[i] > to) continue;
      yield {
        time: t[i],
        value: mean[i],
        min: min[i],
        max: max[i],
        count: count?.length ? count[i] : 1,
        bucketSeconds,
      };
    }
  }
}
