/**
 * @typedef {{ left: number, right: number, top: number, bottom: number, above?: number }} Area
 *   in pixels; `above` are free for a box on top of it
 */
/** @typedef {{ x: number, y: number }} Point in pixels */

/** Pixels between the pointer and the box beside it. */
const DISTANCE = 14;
/** A box that covers so few points more than the best place stays where it is. */
const PATIENCE = 6;
/** So many points are covered before the box leaves the chart. */
const MOST_COVERED = 12;

/**
 * Where a box beside the pointer covers least of the lines: on its right or left, at the top, in
 * the middle or at the bottom, or above the chart if lines are everywhere. Where it is too narrow
 * for either side, in the middle of the width.
 *
 * @param {{ width: number, height: number }} box
 * @param {number} x of the pointer
 * @param {Area} area
 * @param {Point[]} points of the lines
 * @param {number} last the place that it has now, as this function has told it
 * @returns {{ x: number, y: number, place: number }}
 */
export function placeOf(box, x, area, points, last) {
  const { left, right, top, bottom, above = 0 } = area;
  const middle = Math.max(top, (top + bottom - box.height) / 2);
  const rows = [top, Math.max(top, bottom - box.height), middle];
  if (above >= box.height) rows.push(-box.height);
  const sides = [x + DISTANCE, x - DISTANCE - box.width];
  const fitting = sides.filter((side) => side >= left && side + box.width <= right);
  const columns = fitting.length ? fitting : [Math.max(left, (left + right - box.width) / 2)];
  const places = rows.flatMap((y, row) =>
    columns.map((column) => ({ x: column, y, place: row * sides.length + sides.indexOf(column) })),
  );
  const costs = places.map((place) =>
    place.y < 0 ? MOST_COVERED : covered(place, box, points),
  );
  const least = Math.min(...costs);
  const held = places.findIndex(({ place }) => place === last);
  return places[held >= 0 && costs[held] <= least + PATIENCE ? held : costs.indexOf(least)];
}

/**
 * @param {Point} corner
 * @param {{ width: number, height: number }} box
 * @param {Point[]} points
 * @returns {number} how many of the points are below the box
 */
function covered({ x, y }, { width, height }, points) {
  let count = 0;
  for (const point of points) {
    const inside = point.x >= x && point.x <= x + width;
    if (inside && point.y >= y && point.y <= y + height) count++;
  }
  return count;
}
