/** Width of a panel for its height: below its legend, the chart is about 2.2 times as wide. */
const BEST_ASPECT = 1.7;

/**
 * Choose the number of columns in which panels of the same size fill an area best.
 *
 * @param {number} count panels
 * @param {number} width pixels of the area
 * @param {number} height pixels of the area
 * @returns {number}
 */
export function chooseKioskColumns(count, width, height) {
  const sizeWith = (/** @type {number} */ columns) => {
    const rows = Math.ceil(count / columns);
    return Math.min(width / columns / BEST_ASPECT, height / rows);
  };
  let best = 1;
  for (let columns = 2; columns <= count; columns++) {
    if (sizeWith(columns) > sizeWith(best)) best = columns;
  }
  return best;
}
