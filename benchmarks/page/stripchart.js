import { PALETTES } from "../../services/web/frontend/chart/palette.js";
import { Plot } from "../../services/web/frontend/chart/plot.js";
import { Theme } from "../../services/web/frontend/chart/theme.js";
import { Series } from "../../services/web/frontend/store/series.js";
import { createContainers, createReadings, READINGS_PER_SECOND } from "./workload.js";

const COLORS = PALETTES.light;

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
  const { points } = workload;
  const { times, values } = createReadings(workload);
  const theme = new Theme(window);
  const charts = createContainers(workload.charts).map((container) => {
    const canvas = document.createElement("canvas");
    container.append(canvas);
    const plot = new Plot(canvas, theme);
    plot.lineWidth = 1;
    // Dashes cost more, and uPlot's lines have none.
    plot.styles.of = ({ name }) => ({ color: colorOf(name), dash: [] });
    const series = values.map((column, slot) => {
      const one = new Series(`series ${slot}`);
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
