/** @typedef {{ left: number, width: number }} BarPlace in pixels */

/** Share of a period that stays free between its bars and the next ones. */
const GAP_SHARE = 0.16;
const MAX_GAP = 14;

/**
 * Place the bar of one series in its period; the bars of a period stand side by side.
 *
 * @param {number} start pixel at which the period starts
 * @param {number} end pixel at which it ends
 * @param {number} index of the series
 * @param {number} count of all series
 * @returns {BarPlace}
 */
export function placeBar(start, end, index, count) {
  const gap = Math.min(MAX_GAP, (end - start) * GAP_SHARE);
  const width = (end - start - gap) / Math.max(1, count);
  return { left: start + gap / 2 + index * width, width: Math.max(1, count > 1 ? width - 1 : width) };
}
