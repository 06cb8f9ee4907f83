/** Width of a chart for its height. */
const BEST_ASPECT = 2.2;

/**
 * Return the height up to which a chart of a good shape fits into an area.
 *
 * @param {number} width pixels
 * @param {number} height pixels
 */
export const chartSize = (width, height) => Math.min(width / BEST_ASPECT, height);

/**
 * Choose the number of columns with which the smallest chart is largest.
 *
 * @param {number} count panels
 * @param {(columns: number) => number} sizeWith returns the size of the smallest chart
 * @returns {number}
 */
export function chooseKioskColumns(count, sizeWith) {
  let [best, bestSize] = [1, -Infinity];
  for (let rows = count; rows >= 1; rows--) {
    const columns = Math.ceil(count / rows);
    // Another number of columns with as many rows leaves places free.
    if (Math.ceil(count / columns) !== rows) continue;
    const size = sizeWith(columns);
    if (size > bestSize) [best, bestSize] = [columns, size];
  }
  return best;
}
