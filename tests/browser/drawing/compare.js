/** Draws the same readings as a Plot and as a line of Chart.js, for test_drawing.py. */
import { Chart, LineController, LineElement, PointElement } from "chart.js";

import { CLIP_PLUGIN } from "../../../services/web/frontend/chart/clipPlugin.js";
import { Plot } from "../../../services/web/frontend/chart/plot.js";
import { Series } from "../../../services/web/frontend/store/series.js";

Chart.register(LineController, LineElement, PointElement);

/** Size of a chart in CSS pixels. */
const SIZE = { width: 1_000, height: 160 };
/** A pixel that is more opaque than this, of 255, belongs to the line. */
const MIN_LINE_ALPHA = 64;
const COLOR = "rgb(11, 114, 133)";
/** Theme that hides everything except the lines. */
const THEME = {
  dark: false, revision: 1, font: "sans-serif", background: "#fff",
  text: "#0000", muted: "#0000", grid: "#0000", missing: "#0000", limit: "#0000",
};

/**
 * Readings as they arrive, the windows that are drawn after each arrival, and the line width.
 *
 * @typedef {{ frames: [number[], number[]][], steps: { from: number, to: number }[],
 *             width: number, dense: boolean }} Task
 */
/** @typedef {{ top: number, bottom: number }} RowExtent */

function createCanvas() {
  const container = document.createElement("div");
  container.style.cssText = `position:relative;width:${SIZE.width}px;height:${SIZE.height}px`;
  const canvas = document.createElement("canvas");
  container.append(canvas);
  document.body.append(container);
  return canvas;
}

/**
 * Draw the task with a Plot, step by step.
 *
 * @param {Task} task
 */
function drawPlot({ frames, steps, width }) {
  const series = new Series("a");
  const plot = new Plot(createCanvas(), /** @type {any} */ (THEME));
  plot.lineWidth = width;
  for (const [i, { from, to }] of steps.entries()) {
    if (frames[i]) series.addReadings(...frames[i]);
    plot.draw({ from, to, now: 1e6 + i, live: false }, [series]);
  }
  return { plot, series };
}

/**
 * Draw the last window with a line of Chart.js, on the scales of the plot.
 *
 * @param {Task} task
 * @param {Plot} plot
 * @param {Series} series
 */
function drawChartJs({ width, steps, dense }, plot, series) {
  const { t, mean, start, end, gapSeconds } = series.readings;
  const data = [];
  for (let i = start; i < end; i++) {
    const isAfterGap = i > start && t[i] - t[i - 1] > gapSeconds;
    if (isAfterGap) data.push({ x: (t[i] + t[i - 1]) / 2, y: NaN });
    data.push({ x: t[i], y: mean[i] });
  }
  const line = {
    data, borderColor: COLOR, borderWidth: width, borderJoinStyle: "round", pointRadius: 0, clip: 0,
    // With a dash, here one without an end, Chart.js omits no reading.
    borderDash: dense ? [1e6, 0] : [],
  };
  const { layout } = /** @type {any} */ (plot.chart.config).options;
  /** @type {any} */
  const config = {
    type: "line",
    data: { datasets: [line] },
    options: {
      animation: false, maintainAspectRatio: false, events: [], parsing: false, normalized: true,
      layout, scales: { x: { type: "strip-time" }, y: { type: "strip-value" } },
    },
    plugins: [CLIP_PLUGIN],
  };
  const chart = new Chart(createCanvas(), config);
  const { x, y } = /** @type {any} */ (chart.scales);
  x.window = steps[steps.length - 1];
  y.range = plot.valueScale.range;
  y.axisWidth = plot.valueScale.axisWidth;
  x.theme = y.theme = THEME;
  chart.update("none");
  return chart;
}

/**
 * Return the opacity of each pixel, from 0 to 255.
 *
 * @param {Chart} chart
 */
function readAlphas({ ctx, canvas }) {
  const { data } = ctx.getImageData(0, 0, canvas.width, canvas.height);
  const alphas = new Uint8Array(data.length / 4);
  for (let i = 0; i < alphas.length; i++) alphas[i] = data[i * 4 + 3];
  return alphas;
}

/**
 * Return the first and the last row of the line in each pixel column.
 *
 * @param {Uint8Array} alphas
 * @param {HTMLCanvasElement} canvas
 * @returns {RowExtent[]}
 */
function rowExtents(alphas, { width, height }) {
  return Array.from({ length: width }, (_, column) => {
    let [top, bottom] = [Infinity, -Infinity];
    for (let row = 0; row < height; row++) {
      if (alphas[row * width + column] <= MIN_LINE_ALPHA) continue;
      top = Math.min(top, row);
      bottom = row;
    }
    return { top, bottom };
  });
}

/**
 * Return for each column the rows by which a line exceeds another line and its neighbours.
 *
 * A line that is 1 px wide and ends at the edge of a column also appears in the next column.
 *
 * @param {RowExtent[]} extents
 * @param {RowExtent[]} others
 */
function excessRows(extents, others) {
  return extents.map(({ top, bottom }, column) => {
    if (bottom < top) return 0;
    const neighbours = others.slice(Math.max(0, column - 1), column + 2);
    const otherTop = Math.min(...neighbours.map((extent) => extent.top));
    const otherBottom = Math.max(...neighbours.map((extent) => extent.bottom));
    return Math.max(otherTop - top, bottom - otherBottom);
  });
}

/**
 * Draw a task both ways and compare the pictures.
 *
 * @param {Task} task
 * @returns {{ difference: number, painted: number, apart: number, columns: number }} the greatest
 *   difference of a pixel's opacity, the number of painted pixels, the most rows by which the
 *   lines are apart in a column, and the width of the plot area
 */
export function compare(task) {
  const { plot, series } = drawPlot(task);
  const chart = drawChartJs(task, plot, series);
  const [plotAlphas, chartAlphas] = [plot.chart, chart].map(readAlphas);
  let [difference, painted] = [0, 0];
  for (let i = 0; i < plotAlphas.length; i++) {
    difference = Math.max(difference, Math.abs(plotAlphas[i] - chartAlphas[i]));
    painted += Number(chartAlphas[i] > 0);
  }
  const plotExtents = rowExtents(plotAlphas, chart.canvas);
  const chartExtents = rowExtents(chartAlphas, chart.canvas);
  const apart = Math.max(
    ...excessRows(plotExtents, chartExtents),
    ...excessRows(chartExtents, plotExtents),
  );
  const { left, right } = plot.area;
  plot.destroy();
  chart.destroy();
  document.body.replaceChildren();
  return { difference, painted, apart, columns: right - left };
}
