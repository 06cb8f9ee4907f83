/**
 * A reading, or where history is coarse, the readings of a stretch of time.
 *
 * @typedef {object} Row
 * @property {number} time seconds; of a stretch, where it begins
 * @property {number} value of a stretch, the mean
 * @property {number} low
 * @property {number} high
 * @property {number} count
 * @property {number} bucket seconds of the stretch, 0 for a single reading
 */

/**
 * What the page holds of a series between two times, as fine as a chart shows it.
 *
 * @param {Pick<import("../../store/series.js").Series, "selectSegments">} series
 * @param {number} from seconds
 * @param {number} to seconds
 * @param {number} column seconds of a column of pixels
 * @returns {Generator<Row>} ascending in time
 */
export function* rowsOf(series, from, to, column) {
  for (const { source, start, end } of series.selectSegments(from, to, column).segments) {
    const { t, min, max, mean, count, bucketSeconds: bucket } = source;
    for (let i = start; i < end; i++) {
      if (t[i] < from || t[i] > to) continue;
      const readings = count?.length ? count[i] : 1;
      yield { time: t[i], value: mean[i], low: min[i], high: max[i], count: readings, bucket };
    }
  }
}
