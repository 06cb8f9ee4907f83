import uPlot from "uplot";

import {
  barWindow,
  createBars,
  createContainers,
  createReadings,
  HEIGHT,
  READINGS_PER_SECOND,
  VALUE_RANGE,
  WIDTH,
} from "./workload.js";

const { bars, stepped } = /** @type {any} */ (uPlot).paths;
const COLORS = ["#0b7285", "#e8590c", "#5f3dc4", "#1c7ed6", "#c2255c", "#5c4300"];

/**
 * Create uPlot's charts with its fastest options.
 *
 * They have no legend, no cursor and no points, a fixed range of values, and data that are views
 * of typed arrays.
 *
 * @param {import("./workload.js").Workload} workload
 * @returns {(frame: number) => void} function that sets the data of each chart, which draws it
 */
export function createCharts(workload) {
  if (workload.marks === "bars") return createBarCharts(workload);
  const { points } = workload;
  const { times, values } = createReadings(workload);
  /**
   * @param {number} frame
   * @returns {any}
   */
  const dataOf = (frame) => [
    times.subarray(frame, points + frame + 1),
    ...values.map((column) => column.subarray(frame, points + frame + 1)),
  ];
  // It has no lanes for states; steps are nearest to them.
  const paths = workload.marks === "lanes" ? stepped({ align: 1 }) : undefined;
  const options = createOptions(values.length, paths);
  const charts = createContainers(workload.charts).map(
    (container) => new uPlot(/** @type {any} */ (options), dataOf(0), container),
  );
  return (frame) => {
    const data = dataOf(frame);
    const to = data[0][points];
    for (const chart of charts) {
      chart.batch(() => {
        chart.setData(data, false);
        chart.setScale("x", { min: to - points / READINGS_PER_SECOND, max: to });
      });
    }
  };
}

/**
 * Create charts with bars, whose window slides over data that stays the same.
 *
 * @param {import("./workload.js").Workload} workload
 * @returns {(frame: number) => void}
 */
function createBarCharts(workload) {
  const { starts, increases } = createBars(workload);
  const options = createOptions(increases.length, bars({ size: [0.6] }));
  /** @type {any} */
  const data = [starts, ...increases];
  const charts = createContainers(workload.charts).map(
    (container) => new uPlot(/** @type {any} */ (options), data, container),
  );
  return (frame) => {
    const { from: min, to: max } = barWindow(workload, frame);
    for (const chart of charts) chart.setScale("x", { min, max });
  };
}

/**
 * @param {number} seriesCount
 * @param {any} [paths] builder of paths; undefined for lines
 */
function createOptions(seriesCount, paths) {
  return {
    width: WIDTH,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: () => [VALUE_RANGE.min, VALUE_RANGE.max] } },
    series: [
      {},
      ...Array.from({ length: seriesCount }, (_, i) => ({
        stroke: COLORS[i % COLORS.length],
        width: 1,
        points: { show: false },
        ...(paths && { paths }),
      })),
    ],
  };
}
