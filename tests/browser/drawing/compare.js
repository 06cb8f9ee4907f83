/** Draws the same readings with our line and with Chart.js's own, for test_drawing.py. */
import { Chart, LineController, LineElement, PointElement } from "chart.js";

import { CLIP_PLUGIN } from "../../../services/web/frontend/chart/clipPlugin.js";
import { Plot } from "../../../services/web/frontend/chart/plot.js";
import { Series } from "../../../services/web/frontend/store/series.js";

Chart.register(LineController, LineElement, PointElement);

const SIZE = { width: 1_000, height: 160 };
/** A pixel that is as opaque as this is part of the line. */
const PAINTED = 64;
const COLOR = "rgb(11, 114, 133)";
/** Nothing but the lines can be seen. */
const THEME = {
  dark: false, revision: 1, font: "sans-serif",
  background: "#fff", text: "#0000", muted: "#0000", grid: "#0000", missing: "#0000", limit: "#0000",
};

/**
 * @typedef {{ frames: [number[], number[]][], steps: { from: number, to: number }[],
 *             width: number, dense: boolean }} Task readings as they come, windows as they are
 *   looked at
 */

function canvas() {
  const place = document.createElement("div");
  place.style.cssText = `position:relative;width:${SIZE.width}px;height:${SIZE.height}px`;
  const made = document.createElement("canvas");
  place.append(made);
  document.body.append(place);
  return made;
}

/** @param {Task} task */
function ours({ frames, steps, width }) {
  const series = new Series("a", 0);
  const plot = new Plot(canvas(), /** @type {any} */ (THEME));
  plot.lineWidth = width;
  for (const [i, { from, to }] of steps.entries()) {
    if (frames[i]) series.addReadings(...frames[i]);
    plot.draw({ from, to, now: 1e6 + i, live: false }, [series]);
  }
  return { plot, series };
}

/**
 * @param {Task} task
 * @param {Plot} plot
 * @param {Series} series
 */
function stock({ width, steps, dense }, plot, series) {
  const { t, mean, start, end, gapSeconds: gap } = series.readings;
  const data = [];
  for (let i = start; i < end; i++) {
    if (i > start && t[i] - t[i - 1] > gap) data.push({ x: (t[i] + t[i - 1]) / 2, y: NaN });
    data.push({ x: t[i], y: mean[i] });
  }
  const line = {
    data, borderColor: COLOR, borderWidth: width, borderJoinStyle: "round", pointRadius: 0, clip: 0,
    // With a dash, which here never ends, Chart.js leaves no reading out.
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
  const chart = new Chart(canvas(), config);
  const { x, y } = /** @type {any} */ (chart.scales);
  x.window = steps[steps.length - 1];
  y.range = plot.valueScale.range;
  y.axisWidth = plot.valueScale.axisWidth;
  x.theme = y.theme = THEME;
  chart.update("none");
  return chart;
}

/** How opaque each pixel is, 0 to 255. @param {Chart} chart */
function alphas({ ctx, canvas }) {
  const { data } = ctx.getImageData(0, 0, canvas.width, canvas.height);
  const found = new Uint8Array(data.length / 4);
  for (let i = 0; i < found.length; i++) found[i] = data[i * 4 + 3];
  return found;
}

/** The first and the last row of each column in which something is painted. */
function extents(alpha, { width, height }) {
  return Array.from({ length: width }, (_, column) => {
    let [top, bottom] = [Infinity, -Infinity];
    for (let row = 0; row < height; row++) {
      if (alpha[row * width + column] <= PAINTED) continue;
      top = Math.min(top, row);
      bottom = row;
    }
    return { top, bottom };
  });
}

/**
 * How many rows one reaches further than the other with its neighbours: a line that is a pixel
 * wide and ends at the edge of a column is seen in the next one too.
 */
function beyond(some, others) {
  return some.map(({ top, bottom }, column) => {
    const near = others.slice(Math.max(0, column - 1), column + 2);
    const [high, low] = [near.map((one) => one.top), near.map((one) => one.bottom)];
    if (bottom < top) return 0;
    return Math.max(Math.min(...high) - top, bottom - Math.max(...low));
  });
}

/**
 * @param {Task} task
 * @returns what differs: the greatest difference of a pixel's opacity, how many pixels are painted,
 *   and how many rows the painted extents of columns are apart at most
 */
export function compare(task) {
  const { plot, series } = ours(task);
  const other = stock(task, plot, series);
  const [a, b] = [alphas(plot.chart), alphas(other)];
  let [difference, painted] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    difference = Math.max(difference, Math.abs(a[i] - b[i]));
    painted += Number(b[i] > 0);
  }
  const [mine, theirs] = [a, b].map((alpha) => extents(alpha, other.canvas));
  const { left, right } = plot.area;
  plot.destroy();
  other.destroy();
  document.body.replaceChildren();
  return {
    difference,
    painted,
    apart: Math.max(...beyond(mine, theirs), ...beyond(theirs, mine)),
    columns: right - left,
  };
}
