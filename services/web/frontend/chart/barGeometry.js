/** Share of a period that stays free between its bars and the next ones. */
const GAP_SHARE = 0.16;
const MAX_GAP = 14;

/**
 * Return the left edge of the bar of one series in its period, in pixels.
 *
 * The bars of a period stand side by side.
 *
 * @param {number} start pixel at which the period starts
 * @param {number} end pixel at which it ends
 * @param {number} index of the series
 * @param {number} count of all series
 */
export const barLeft = (start, end, index, count) =>
  start + gapOf(end - start) / 2 + index * slotWidth(end - start, count);

/**
 * Return the width of a bar, in pixels.
 *
 * @param {number} length of its period in pixels
 * @param {number} count of all series
 */
export const barWidth = (length, count) =>
  Math.max(1, slotWidth(length, count) - (count > 1 ? 1 : 0));

/** @param {number} length of a period in pixels */
const gapOf = (length) => Math.min(MAX_GAP, length * GAP_SHARE);

/**
 * @param {number} length of a period in pixels
 * @param {number} count of all series
 */
const slotWidth = (length, count) => (length - gapOf(length)) / Math.max(1, count);
