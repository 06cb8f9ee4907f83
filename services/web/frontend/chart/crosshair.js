/** @typedef {import("../store/series.js").Series} Series */
/**
 * @typedef {object} CrosshairPoint what a series has at the crosshair; value, min and max are null where
 *   there is no data
 * @property {Series} series
 * @property {number} time seconds
 * @property {number | null} value
 * @property {number | null} min of a bucket
 * @property {number | null} max
 * @property {number} x pixels
 * @property {number} y pixels; NaN where there is no data
 * @property {string} color
 */

/**
 * What each series has at a time, the nearest first and those without data last.
 *
 * @param {Series[]} series
 * @param {number} time seconds
 * @param {number} reach seconds
 * @param {(series: Series, time: number, value: number) => import("./overlay.js").Marker} markOf
 * @returns {CrosshairPoint[]}
 */
export function findCrosshairPoints(series, time, reach, markOf) {
  const picked = series.map((one) => {
    const found = one.nearest(time, reach);
    const { time: own = time, value = null, min = null, max = null } = found ?? {};
    return { series: one, time: own, value, min, max, ...markOf(one, own, value ?? NaN) };
  });
  const distance = (/** @type {CrosshairPoint} */ { time: own, value }) =>
    value === null ? Number.MAX_VALUE : Math.abs(own - time);
  return picked.sort((a, b) => distance(a) - distance(b));
}
