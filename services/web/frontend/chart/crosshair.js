/** @typedef {import("../store/series.js").Series} Series */
/** @typedef {import("../store/segmentQueries.js").NearestPoint} NearestPoint */
/**
 * Point of one series at the crosshair.
 *
 * @typedef {object} CrosshairPoint
 * @property {Series} series
 * @property {number} time seconds
 * @property {number | null} value null without data; the mean of a bucket
 * @property {number | null} min null without data; the minimum of a bucket
 * @property {number | null} max null without data; the maximum of a bucket
 * @property {number} [since] seconds: start of the time in which a state has held this value
 * @property {boolean} [isExact] false if it may have begun earlier
 * @property {import("../store/increases.js").BarPeriod} [period] of a counter's increase
 * @property {number} x pixels
 * @property {number} y pixels; NaN without data
 * @property {string} color
 * @property {number[]} dash
 */

/**
 * Find the point of each series at a time, the nearest first and series without data last.
 *
 * @param {Series[]} series
 * @param {number} time seconds
 * @param {(series: Series) => NearestPoint | null} pointOf
 * @param {(series: Series, time: number, value: number) =>
 *   import("./overlay.js").Marker} markerAt
 * @returns {CrosshairPoint[]}
 */
export function findCrosshairPoints(series, time, pointOf, markerAt) {
  const points = series.map((one) => {
    const { time: pointTime = time, value = null, ...rest } = pointOf(one) ?? {};
    const marker = markerAt(one, pointTime, value ?? NaN);
    return { series: one, time: pointTime, value, min: null, max: null, ...rest, ...marker };
  });
  const distance = (/** @type {CrosshairPoint} */ { time: pointTime, value }) =>
    value === null ? Number.MAX_VALUE : Math.abs(pointTime - time);
  return points.sort((a, b) => distance(a) - distance(b));
}
