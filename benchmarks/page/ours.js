import { Plot } from "../../services/web/frontend/chart/plot.js";
import { Theme } from "../../services/web/frontend/chart/theme.js";
import { Series } from "../../services/web/frontend/store/series.js";
import { placesOf, RATE, readingsOf } from "./load.js";

/**
 * Our charts, each with so many series.
 *
 * @param {import("./load.js").Load} load
 * @returns {(frame: number) => void} adds a reading to each series, and draws all charts
 */
export function make(load) {
  const { points } = load;
  const { times, values } = readingsOf(load);
  const theme = new Theme(window);
  const charts = placesOf(load).map((place) => {
    const canvas = document.createElement("canvas");
    place.append(canvas);
    const plot = new Plot(canvas, theme);
    plot.lineWidth = 1;
    const series = values.map((column, slot) => {
      const one = new Series(`series ${slot}`, slot % 6);
      one.addReadings(Array.from(times.subarray(0, points)), Array.from(column.subarray(0, points)));
      return one;
    });
    return { plot, series };
  });
  return (frame) => {
    const next = points + frame;
    const to = times[next];
    const view = { from: to - points / RATE, to, now: to, live: true };
    for (const { plot, series } of charts) {
      for (const [i, one] of series.entries()) one.addReadings([times[next]], [values[i][next]]);
      plot.draw(view, series);
    }
  };
}
