import { Plot } from "../../services/web/frontend/chart/plot.js";
import { Theme } from "../../services/web/frontend/chart/theme.js";
import { SeriesStore } from "../../services/web/frontend/store/seriesStore.js";
import { EPOCH, placesOf } from "./load.js";

const SERIES = 20;
/** Readings of each series in a second. */
const RATE = 20;
/** Seconds between two drawings. */
const DRAWN = 5;
const SPAN = 300;

const store = new SeriesStore(SPAN);
let time = EPOCH;
/** @type {Plot | null} */
let plot = null;

/** A page on a wall, whose hours go by as fast as it can take readings. */
export function hang() {
  const [place] = placesOf({ charts: 1, series: SERIES, points: 0, frames: 0 });
  const canvas = document.createElement("canvas");
  place.append(canvas);
  plot = new Plot(canvas, new Theme(window));
  store.replaceHistory({ from: EPOCH, to: EPOCH, cursor: null, series: {} }, true);
}

/**
 * Let time go by: readings come one by one, and are drawn.
 *
 * @param {number} seconds
 */
export async function pass(seconds) {
  for (const end = time + seconds; time < end; time += DRAWN) {
    for (let i = 0; i < DRAWN * RATE; i++) {
      const at = time + i / RATE;
      for (let line = 0; line < SERIES; line++) {
        store.addReadings(`series ${line}`, [at], [Math.sin(at / 60 + line) + Math.random() / 10]);
      }
    }
    const now = time + DRAWN;
    const view = { from: now - SPAN, to: now, now, live: true };
    plot?.draw(view, [...store.series.values()]);
    await new Promise((resolve) => setTimeout(resolve));
  }
}
