/**
 * Charts, series of each chart, points of each series in the window, and frames to draw.
 *
 * @typedef {{ charts: number, series: number, points: number, frames: number,
 *             marks: "lines" | "lanes" | "bars" }} Workload
 */

export const READINGS_PER_SECOND = 60;
export const HOUR_SECONDS = 3_600;
/** Pixels of a chart. */
export const WIDTH = 1_000;
export const HEIGHT = 300;
/** Range of the values. */
export const VALUE_RANGE = { min: -10, max: 10 };
/** Time of the first reading, in seconds. */
export const START_TIME = 1_793_760_000;

/**
 * Create random walks before the measurement, so that it does not include their cost.
 *
 * @param {Workload} workload
 */
export function createReadings({ series, points, frames, marks }) {
  const count = points + frames + 1;
  const timeOf = (/** @type {number} */ i) => START_TIME + i / READINGS_PER_SECOND;
  const times = Float64Array.from({ length: count }, (_, i) => timeOf(i));
  let seed = 7;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const values = Array.from({ length: series }, (_, index) => {
    let value = (index % 7) - 3;
    return Float64Array.from({ length: count }, () => {
      value += (random() - 0.5) * 0.6 - value * 0.01;
      return marks === "lanes" ? Number(value > 0) : value;
    });
  });
  return { times, values };
}

/**
 * Return the bars of each series: hours, of which `points` are in the window at a time.
 *
 * @param {Workload} workload
 */
export function createBars({ series, points }) {
  const count = 2 * points;
  const starts = Float64Array.from({ length: count }, (_, i) => START_TIME + i * HOUR_SECONDS);
  const increases = Array.from({ length: series }, (_, slot) =>
    Float64Array.from({ length: count }, (_, i) => 1.5 + Math.sin(i / 4 + slot)),
  );
  return { starts, increases };
}

/**
 * Return the window of a frame over bars, which moves by a pixel.
 *
 * @param {Workload} workload
 * @param {number} frame
 */
export function barWindow({ points }, frame) {
  const span = points * HOUR_SECONDS;
  const from = START_TIME + (frame * span) / WIDTH;
  return { from, to: from + span };
}

/**
 * Empty the page and add one element for each chart.
 *
 * @param {number} count number of charts
 */
export function createContainers(count) {
  document.body.replaceChildren();
  return Array.from({ length: count }, () => {
    const container = document.createElement("div");
    container.style.cssText = `position:relative;width:${WIDTH}px;height:${HEIGHT}px`;
    document.body.append(container);
    return container;
  });
}
