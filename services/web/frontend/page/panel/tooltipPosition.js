/**
 * @typedef {{ left: number, right: number, top: number, bottom: number, above?: number }} Area
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

/**
 * Find where the tooltip covers the fewest points of the lines: right or left of the pointer; at
 * the top, bottom or middle, or above the chart. If neither side is wide enough, it is centred.
 *
 * @param {{ width: number, height: number }} box
 * @param {number} x of the pointer
 * @param {Area} area
 * @param {Point[]} points of the lines
 * @param {number} lastSlot slot of the current position, -1 for none
 * @returns {TooltipPosition}
 */
export function tooltipPosition(box, x, area, points, lastSlot) {
  const { left, right, top, bottom, above = 0 } = area;
  const middle = Math.max(top, (top + bottom - box.height) / 2);
  const rows = [top, Math.max(top, bottom - box.height), middle];
  if (above >= box.height) rows.push(-box.height);
  const sides = [x + DISTANCE, x - DISTANCE - box.width];
  const fitting = sides.filter((side) => side >= left && side + box.width <= right);
  const columns = fitting.length ? fitting : [Math.max(left, (left + right - box.width) / 2)];
  const candidates = rows.flatMap((y, row) =>
    columns.map((column) => ({ x: column, y, slot: row * sides.length + sides.indexOf(column) })),
  );
  const costs = candidates.map((candidate) =>
    candidate.y < 0 ? MAX_COVERED : countCovered(candidate, box, points),
  );
  const minCost = Math.min(...costs);
  const last = candidates.findIndex(({ slot }) => slot === lastSlot);
  return candidates[last >= 0 && costs[last] <= minCost + MIN_GAIN ? last : costs.indexOf(minCost)];
}

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
