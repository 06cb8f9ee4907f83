/**
 * @typedef {{ left: number, right: number, top: number, bottom: number, above?: number,
 *             selection?: { left: number, right: number } | null }} Area
 *   in pixels; `above` is the free height on top of it
 */
/** @typedef {{ x: number, y: number }} Point in pixels */
/** @typedef {Point & { slot: number }} TooltipPosition `slot` numbers the candidate positions */

/** Pixels between the pointer and the tooltip. */
const DISTANCE = 14;
/** The tooltip stays where it is unless another position covers this many fewer points. */
const MIN_GAIN = 6;
/** Points that the tooltip may cover before it moves above the chart. */
const MAX_COVERED = 12;
/** Columns of candidates. */
const MAX_COLUMNS = 5;

/**
 * Find where the tooltip covers the fewest points of the lines: right or left of the pointer; at
 * the top, bottom or middle, or above the chart. If neither side is wide enough, it is centred.
 *
 * It never covers the selection, beside which it may also be.
 *
 * @param {{ width: number, height: number }} box
 * @param {number} x of the pointer
 * @param {Area} area
 * @param {Point[]} points of the lines
 * @param {number} lastSlot slot of the current position, -1 for none
 * @returns {TooltipPosition | null} null if there is no room beside the selection
 */
export function tooltipPosition(box, x, area, points, lastSlot) {
  const { top, bottom, above = 0, selection } = area;
  const middle = Math.max(top, (top + bottom - box.height) / 2);
  const rows = [top, Math.max(top, bottom - box.height), middle];
  if (above >= box.height) rows.push(-box.height);
  const columns = findColumns(box.width, x, area);
  const candidates = rows
    .flatMap((y, row) =>
      columns.map((column) => ({ ...column, y, slot: row * MAX_COLUMNS + column.slot })),
    )
    .filter(({ x: left, y }) => y < 0 || !overlaps(left, box.width, selection));
  if (!candidates.length) return null;
  const costs = candidates.map((candidate) =>
    candidate.y < 0 ? MAX_COVERED : countCovered(candidate, box, points),
  );
  const minCost = Math.min(...costs);
  const last = candidates.findIndex(({ slot }) => slot === lastSlot);
  return candidates[last >= 0 && costs[last] <= minCost + MIN_GAIN ? last : costs.indexOf(minCost)];
}

/**
 * Return the left edges at which a box may be.
 *
 * @param {number} width
 * @param {number} x of the pointer
 * @param {Area} area
 * @returns {{ x: number, slot: number }[]}
 */
function findColumns(width, x, { left, right, selection }) {
  const edges = [x + DISTANCE, x - DISTANCE - width];
  if (selection) edges.push(selection.right + DISTANCE, selection.left - DISTANCE - width);
  const columns = edges
    .map((edge, slot) => ({ x: edge, slot }))
    .filter((column) => column.x >= left && column.x + width <= right);
  // A box that is wider than the area covers the value axis rather than leave the screen.
  const centred = Math.max(0, Math.min(Math.max(left, (left + right - width) / 2), right - width));
  return columns.length ? columns : [{ x: centred, slot: edges.length }];
}

/**
 * @param {number} left
 * @param {number} width
 * @param {Area["selection"]} selection
 * @returns {boolean} true if they have pixels in common
 */
const overlaps = (left, width, selection) =>
  Boolean(selection && left < selection.right && left + width > selection.left);

/**
 * @param {Point} corner top left
 * @param {{ width: number, height: number }} box
 * @param {Point[]} points
 * @returns {number} the number of points that the box covers
 */
function countCovered({ x, y }, { width, height }, points) {
  let count = 0;
  for (const point of points) {
    const inside = point.x >= x && point.x <= x + width;
    if (inside && point.y >= y && point.y <= y + height) count++;
  }
  return count;
}
