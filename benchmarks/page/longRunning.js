import { Plot } from "../../services/web/frontend/chart/plot.js";
import { Theme } from "../../services/web/frontend/chart/theme.js";
import { SeriesStore } from "../../services/web/frontend/store/seriesStore.js";
import { createContainers, START_TIME } from "./workload.js";

/** Seconds of readings between two drawings. */
const DRAW_INTERVAL_SECONDS = 5;
const SPAN_SECONDS = 300;

const store = new SeriesStore(SPAN_SECONDS);
let time = START_TIME;
/** @type {Plot | null} */
let plot = null;
let seriesCount = 0;
/** Readings of each series per second. */
let rate = 0;

/**
 * Open a page with one chart.
 *
 * @param {object} options
 * @param {number} options.series number of series
 * @param {number} options.rate readings of each series per second
 */
export function open(options) {
  seriesCount = options.series;
  rate = options.rate;
  const [container] = createContainers(1);
  const canvas = document.createElement("canvas");
  container.append(canvas);
  plot = new Plot(canvas, new Theme(window));
  store.replaceHistory({ from: START_TIME, to: START_TIME, cursor: null, series: {} }, true);
}

/**
 * Advance the time: add the readings one by one, and draw them at intervals.
 *
 * @param {number} seconds
 */
export async function advance(seconds) {
  for (const end = time + seconds; time < end; time += DRAW_INTERVAL_SECONDS) {
    for (let i = 0; i < DRAW_INTERVAL_SECONDS * rate; i++) {
      const readingTime = time + i / rate;
      for (let series = 0; series < seriesCount; series++) {
        const value = Math.sin(readingTime / 60 + series) + Math.random() / 10;
        store.addReadings(`series ${series}`, [readingTime], [value]);
      }
    }
    const now = time + DRAW_INTERVAL_SECONDS;
    const view = { from: now - SPAN_SECONDS, to: now, now, live: true };
    plot?.draw(view, [...store.series.values()]);
    await new Promise((resolve) => setTimeout(resolve));
  }
}
