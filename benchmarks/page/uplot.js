import uPlot from "uplot";

import { HEIGHT, placesOf, RANGE, RATE, readingsOf, WIDTH } from "./load.js";

const COLORS = ["#0b7285", "#e8590c", "#5f3dc4", "#1c7ed6", "#c2255c", "#5c4300"];

/**
 * The same with uPlot, as fast as it can be told to be: no legend, no cursor, no points, a fixed
 * range of values, and data that are a view of typed arrays.
 *
 * @param {import("./load.js").Load} load
 * @returns {(frame: number) => void} sets the data of each chart, which draws it
 */
export function make(load) {
  const { points } = load;
  const { times, values } = readingsOf(load);
  /** @param {number} frame @returns {any} */
  const dataAt = (frame) => [
    times.subarray(frame, points + frame + 1),
    ...values.map((column) => column.subarray(frame, points + frame + 1)),
  ];
  const options = {
    width: WIDTH,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: () => [RANGE.min, RANGE.max] } },
    series: [
      {},
      ...values.map((_, i) => ({
        stroke: COLORS[i % COLORS.length],
        width: 1,
        points: { show: false },
      })),
    ],
  };
  const charts = placesOf(load).map(
    (place) => new uPlot(/** @type {any} */ (options), dataAt(0), place),
  );
  return (frame) => {
    const data = dataAt(frame);
    const to = data[0][points];
    for (const chart of charts) {
      chart.batch(() => {
        chart.setData(data, false);
        chart.setScale("x", { min: to - points / RATE, max: to });
      });
    }
  };
}
