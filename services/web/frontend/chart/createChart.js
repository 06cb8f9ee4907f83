import { Chart } from "chart.js";

import { TimeScale, ValueScale } from "./scales.js";
import { StripController, StripElement } from "./stripController.js";

Chart.register(StripController, StripElement, TimeScale, ValueScale);

/**
 * Create a chart with a time axis and a value axis, and nothing of Chart.js that takes time.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {import("chart.js").Plugin[]} plugins
 */
export function createChart(canvas, plugins) {
  /** @type {any} */
  const config = {
    type: "strip",
    data: { datasets: [] },
    options: {
      animation: false,
      maintainAspectRatio: false,
      events: [],
      layout: { padding: { top: 10, right: 4 } },
      scales: { x: { type: "strip-time" }, y: { type: "strip-value" } },
    },
    plugins,
  };
  const chart = new Chart(canvas, config);
  // No plugin needs calls around each dataset, and one plugin clips all lines together.
  /** @type {any} */ (chart)._drawDataset = drawDataset;
  return chart;
}

/** @param {{ controller: import("chart.js").DatasetController }} meta of a dataset */
const drawDataset = ({ controller }) => controller.draw();
