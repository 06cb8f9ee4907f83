import { lowerBound } from "./sorted.js";

/** @typedef {import("./series.js").Series} Series */
/** @typedef {{ x: number, y: number }} Point y is NaN where the line breaks */
/**
 * @typedef {object} Line
 * @property {Point[]} points ascending in x
 * @property {number[]} lone indexes of points with a gap on both sides
 * @property {number} count readings in the window
 * @property {number} low lowest value; Infinity when there is none
 * @property {number} high highest value; -Infinity when there is none
 */

/** Readings in a pixel column, above which only each column's lowest and highest are drawn. */
const DENSE = 4;

/**
 * What to draw of a series between two times: its readings with a break at each gap, or where they
 * are dense, each column's extremes. Columns are aligned to the epoch, so they don't shimmer while
 * the window moves.
 *
 * @param {Series} series
 * @param {number} from seconds
 * @param {number} to seconds
 * @param {number} column seconds of a pixel column
 * @returns {Line}
 */
export function lineOf(series, from, to, column) {
  const { times, values, gap } = series;
  const inside = lowerBound(times, from);
  const start = Math.max(0, inside - 1);
  const ahead = lowerBound(times, to);
  const end = Math.min(times.length, ahead + 1);
  const dense = (end - start) * column > DENSE * (to - from);
  const points = dense ? extremes(series, start, end, column) : readings(series, start, end);
  let low = Infinity;
  let high = -Infinity;
  for (let i = start; i < end; i++) {
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  const breaks = dense ? Math.max(gap, 2 * column) : gap;
  return { ...broken(points, breaks), count: ahead - inside, low, high };
}

/**
 * @param {Series} series
 * @param {number} start
 * @param {number} end
 * @returns {Point[]}
 */
function readings({ times, values }, start, end) {
  const points = [];
  for (let i = start; i < end; i++) points.push({ x: times[i], y: values[i] });
  return points;
}

/**
 * @param {Series} series
 * @param {number} start
 * @param {number} end
 * @param {number} column
 * @returns {Point[]}
 */
function extremes({ times, values }, start, end, column) {
  const points = [];
  let i = start;
  while (i < end) {
    const edge = (Math.floor(times[i] / column) + 1) * column;
    let low = i;
    let high = i;
    for (i++; i < end && times[i] < edge; i++) {
      if (values[i] < values[low]) low = i;
      if (values[i] > values[high]) high = i;
    }
    const first = Math.min(low, high);
    const second = Math.max(low, high);
    points.push({ x: times[first], y: values[first] });
    if (second > first) points.push({ x: times[second], y: values[second] });
  }
  return points;
}

/**
 * @param {Point[]} points
 * @param {number} gap seconds
 * @returns {{ points: Point[], lone: number[] }}
 */
function broken(points, gap) {
  /** @type {Point[]} */
  const out = [];
  const lone = [];
  for (let i = 0; i < points.length; i++) {
    const breaks = i > 0 && points[i].x - points[i - 1].x > gap;
    if (breaks) out.push({ x: (points[i].x + points[i - 1].x) / 2, y: NaN });
    const ends = i + 1 === points.length || points[i + 1].x - points[i].x > gap;
    if (ends && (breaks || i === 0)) lone.push(out.length);
    out.push(points[i]);
  }
  return { points: out, lone };
}
