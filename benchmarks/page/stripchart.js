import { BarMarks } from "../../services/web/frontend/chart/barMarks.js";
import { LaneMarks } from "../../services/web/frontend/chart/laneMarks.js";
import { PALETTES } from "../../services/web/frontend/chart/palette.js";
import { Plot } from "../../services/web/frontend/chart/plot.js";
import { Theme } from "../../services/web/frontend/chart/theme.js";
import { Increases } from "../../services/web/frontend/store/increases.js";
import { Series } from "../../services/web/frontend/store/series.js";
import {
  barWindow,
  createBars,
  createContainers,
  createReadings,
  HOUR_SECONDS,
  READINGS_PER_SECOND,
} from "./workload.js";

const COLORS = PALETTES.light;
/** Nothing is compared. */
const NO_GHOSTS = { version: 0, of: () => null };

/** @param {string} name that ends with a number */
const colorOf = (name) => COLORS[Number(name.split(" ").at(-1)) % COLORS.length];

/**
 * Create Stripchart's charts.
 *
 * @param {import("./workload.js").Workload} workload
 * @returns {(frame: number) => void} function that adds a reading to each series and draws all
 *   charts
 */
export function createCharts(workload) {
  if (workload.marks === "bars") return createBarCharts(workload);
  const { points } = workload;
  const { times, values } = createReadings(workload);
  const theme = new Theme(window);
  const charts = createContainers(workload.charts).map((container) => {
    const isLanes = workload.marks === "lanes";
    const marks = new LaneMarks(NO_GHOSTS, ({ name }) => name, (_, value) => (value ? "on" : "off"));
    const plot = createPlot(container, theme, isLanes ? marks : undefined);
    const series = values.map((column, slot) => {
      const one = new Series(`series ${slot}`);
      if (isLanes) one.kind = "state";
      const [firstTimes, firstValues] = [times, column].map((all) => all.subarray(0, points));
      one.addReadings(Array.from(firstTimes), Array.from(firstValues));
      return one;
    });
    return { plot, series };
  });
  return (frame) => {
    const index = points + frame;
    const now = times[index];
    const view = { from: now - points / READINGS_PER_SECOND, to: now, now, live: true };
    for (const { plot, series } of charts) {
      for (const [i, one] of series.entries()) one.addReadings([now], [values[i][index]]);
      plot.draw(view, series);
    }
  };
}

/**
 * Create charts with bars, whose window slides over increases that are loaded.
 *
 * @param {import("./workload.js").Workload} workload
 * @returns {(frame: number) => void}
 */
function createBarCharts(workload) {
  const { starts, increases } = createBars(workload);
  const t = [...starts];
  const series = increases.map((_, slot) => new Series(`series ${slot}`));
  const loaded = new Increases();
  const answer = increases.map((column, slot) => {
    return [series[slot].name, { unit: null, t, increase: [...column], total: null }];
  });
  const [from, to] = [t[0], t[t.length - 1] + HOUR_SECONDS];
  const response = { from, to, series: Object.fromEntries(answer) };
  loaded.replace(response, "hour", (start) => start + HOUR_SECONDS);
  const loader = /** @type {any} */ ({ increases: loaded, update() {} });
  const ghostLoader = /** @type {any} */ ({ increases: new Increases(), update() {} });
  const theme = new Theme(window);
  const plots = createContainers(workload.charts).map((container) =>
    createPlot(container, theme, new BarMarks(loader, ghostLoader)),
  );
  return (frame) => {
    const range = barWindow(workload, frame);
    for (const plot of plots) plot.draw({ ...range, now: range.to, live: true }, series);
  };
}

/**
 * @param {HTMLElement} container
 * @param {Theme} theme
 * @param {import("../../services/web/frontend/chart/lineMarks.js").Marks} [marks]
 */
function createPlot(container, theme, marks) {
  const canvas = document.createElement("canvas");
  container.append(canvas);
  const plot = new Plot(canvas, theme, marks);
  plot.lineWidth = 1;
  // Dashes cost more, and uPlot's lines have none.
  plot.styles.of = ({ name }) => ({ color: colorOf(name), dash: [] });
  return plot;
}
