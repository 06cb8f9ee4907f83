import { Chart } from "chart.js";

import { GapBands } from "./gapBands.js";
import { CLIP_PLUGIN } from "./clipPlugin.js";
import { findCrosshairPoints } from "./crosshair.js";
import { ValueRangeFitter } from "./valueRangeFitter.js";
import { LimitLines } from "./limitLines.js";
import { Overlay } from "./overlay.js";
import { lineStyleOf } from "./palette.js";
import { TimeScale, ValueScale } from "./scales.js";
import { StripController, StripElement } from "./stripController.js";
import { SeriesPath } from "./seriesPath.js";

Chart.register(StripController, StripElement, TimeScale, ValueScale);

/** @typedef {import("../store/series.js").Series} Series */
/** @typedef {import("./overlay.js").Marker} Mark */
/** @typedef {import("./crosshair.js").CrosshairPoint} Picked */

/** Pixels from the crosshair to a reading that it still picks. */
const REACH = 60;
/** New readings are drawn within this time, in seconds, also where they hardly show. */
const MOST_DELAY = 0.5;
/** With more lines than this in a chart, they are thinner, which is also drawn much faster. */
const FEW_LINES = 6;

/** One chart: the lines of series with one unit over the window of a view. */
export class Plot {
  /** Pixels of a line; null is two, or one where there are many. @type {number | null} */
  lineWidth = null;
  /** What the crosshair points at, the nearest first. @type {Picked[]} */
  crosshairPoints = [];
  /** The time of the crosshair, in seconds. @type {number | null} */
  #crosshair = null;
  /** @type {Series[]} */
  #series = [];
  /** @type {SeriesPath[]} */
  #traces = [];
  /** @type {import("../store/seriesStore.js").Gap[]} */
  #gaps = [];
  /** @type {import("./limitLines.js").Limit[]} */
  #limits = [];
  /** @type {{ from: number, to: number } | null} */
  #selection = null;
  #window = { from: 0, to: 1, live: false };
  #now = 0;
  #look = "";
  #drawnAt = -Infinity;
  #onScreen = true;
  #observer;
  #fit;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {import("./theme.js").Theme} theme
   * @param {string | null} [unit]
   */
  constructor(canvas, theme, unit = null) {
    this.theme = theme;
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
      plugins: [
        { id: "moment", beforeDatasetsDraw: (/** @type {any} */ chart) => this.#tell(chart) },
        new GapBands(this),
        new LimitLines(this),
        CLIP_PLUGIN,
        new Overlay(this),
      ],
    };
    this.chart = new Chart(canvas, config);
    this.timeScale = /** @type {TimeScale} */ (this.chart.scales.x);
    this.valueScale = /** @type {ValueScale} */ (this.chart.scales.y);
    this.timeScale.theme = this.valueScale.theme = theme;
    this.valueScale.unit = unit;
    this.#fit = new ValueRangeFitter(this.valueScale);
    this.#observer = new IntersectionObserver((entries) => {
      this.#onScreen = entries[entries.length - 1].isIntersecting;
      this.invalidate();
    });
    this.#observer.observe(canvas);
  }

  /** Readings in the window. */
  get readingCount() {
    return this.#fit.readingCount;
  }

  /** Where lines are drawn, in pixels. */
  get area() {
    return this.chart.chartArea;
  }

  /** The width that the labels of the value axis need, in pixels. */
  get requiredAxisWidth() {
    return this.valueScale.needed;
  }

  /** @param {number} width pixels of the value axis, the same for all charts of the page */
  set axisWidth(width) {
    if (width === this.valueScale.labelWidth) return;
    this.valueScale.labelWidth = width;
    this.#look = "";
    this.invalidate();
  }

  /** The time that is pointed at in any chart, in seconds; null for none. */
  get crosshair() {
    return this.#crosshair;
  }

  set crosshair(time) {
    if (time === this.#crosshair) return;
    this.#crosshair = time;
    this.invalidate();
  }

  /** Stretches that are known to be missing, in the order of time. */
  get gaps() {
    return this.#gaps;
  }

  set gaps(gaps) {
    if (gaps === this.#gaps) return;
    this.#gaps = gaps;
    this.invalidate();
  }

  /** Lines and bands of values to stay within. */
  get limits() {
    return this.#limits;
  }

  set limits(limits) {
    this.#limits = limits;
    this.invalidate();
  }

  /** The stretch that a person is about to zoom to, in seconds. */
  get selection() {
    return this.#selection;
  }

  set selection(selection) {
    this.#selection = selection;
    this.invalidate();
  }

  /** @param {number} x pixels @returns {number} seconds */
  timeAt(x) {
    return this.timeScale.getValueForPixel(x);
  }

  destroy() {
    this.#observer.disconnect();
    this.chart.destroy();
  }

  /** Draw in the next frame, whatever has changed. */
  invalidate() {
    this.#drawnAt = -Infinity;
  }

  /**
   * Draw the window of a view, if that would look any different, and the chart can be seen.
   *
   * @param {{ from: number, to: number, now: number, live: boolean }} view seconds
   * @param {Series[]} series
   * @param {boolean} unseen draw also what nobody sees, for a picture of it
   * @returns {boolean} whether it has drawn
   */
  draw({ from, to, now, live }, series, unseen = false) {
    if (!this.#onScreen && !unseen) return false;
    const isNew = this.#choose(series);
    const invalid = this.#drawnAt === -Infinity;
    if (!isNew && !invalid && !this.#isDifferent(from, to, now)) return false;
    this.#window = { from, to, live };
    this.#now = now;
    const isFitted = this.#fit.refresh(this.#window, this.#series, now, isNew);
    this.#drawnAt = now;
    this.timeScale.slide(from, to);
    if (isNew || isFitted) this.chart.update("none");
    else this.chart.draw();
    return true;
  }

  /**
   * Where each line is now, live: its newest reading, or where the window cuts it.
   *
   * @returns {Mark[]}
   */
  lineEnds() {
    const { to, live } = this.#window;
    if (!live) return [];
    return this.#series.flatMap((series) => {
      const head = series.lineEnd(to);
      return head ? [this.#mark(series, head.time, head.value)] : [];
    });
  }

  /** What to draw at the crosshair; it is looked up when it is drawn. */
  crosshairMarkers() {
    const time = this.#crosshair;
    this.crosshairPoints = [];
    if (time === null) return null;
    const { from, to } = this.#window;
    const reach = (REACH / this.area.width) * (to - from);
    this.crosshairPoints = findCrosshairPoints(this.#series, time, reach, (...place) => this.#mark(...place));
    const x = this.timeScale.getPixelForValue(time);
    return { x, markers: this.crosshairPoints.filter(({ value }) => value !== null) };
  }

  /**
   * Whether the picture would be another one: it has moved by half a pixel, or readings came.
   * Where a reading moves less than that, new ones are waited for a little and drawn together.
   *
   * @param {number} from
   * @param {number} to
   * @param {number} now
   */
  #isDifferent(from, to, now) {
    const half = (to - from) / this.area.width / 2 / devicePixelRatio;
    const { from: left, to: right } = this.#window;
    if (Math.abs(from - left) >= half || Math.abs(to - right) >= half) return true;
    if (this.#fit.isDue({ from, to }, this.#series, now)) return true;
    const age = now - this.#drawnAt;
    if (age >= 0 && age < Math.min(MOST_DELAY, half)) return false;
    return this.#traces.some(({ isBehind }) => isBehind);
  }

  /**
   * Take the series to draw.
   *
   * @param {Series[]} series
   * @returns {boolean} whether the chart must be updated for it
   */
  #choose(series) {
    const same =
      series.length === this.#series.length && series.every((one, i) => one === this.#series[i]);
    const look = `${this.theme.revision}`;
    if (same && look === this.#look) return false;
    if (!same) {
      const known = new Map(this.#traces.map((trace) => [trace.series, trace]));
      this.#traces = series.map((one) => known.get(one) ?? new SeriesPath(one));
      this.#series = [...series];
    }
    this.#look = look;
    const width = this.lineWidth ?? (series.length > FEW_LINES ? 1 : 2);
    /** @type {any} */
    const datasets = this.#traces.map((trace) => {
      const { color, dash } = lineStyleOf(trace.series.slot, this.theme.dark);
      return { data: [], trace, look: { color, dash, width } };
    });
    this.chart.data.datasets = datasets;
    return true;
  }

  /** Tell the lines what is drawn, once the chart knows where. @param {any} chart */
  #tell(chart) {
    const { left, right, top, bottom } = chart.chartArea;
    const { from, to } = this.#window;
    const pixels = (right - left) / (to - from);
    const { min, max } = chart.scales.y;
    const height = (bottom - top) / (max - min);
    const column = 1 / pixels / devicePixelRatio;
    const frame = { from, to, left, pixels, column, bottom, min, height };
    chart.moment = { frame, now: this.#now };
  }

  /**
   * @param {Series} series
   * @param {number} time
   * @param {number} value
   * @returns {Mark}
   */
  #mark({ slot }, time, value) {
    const { timeScale: x, valueScale: y } = this;
    const { color } = lineStyleOf(slot, this.theme.dark);
    return { x: x.getPixelForValue(time), y: y.getPixelForValue(value), color };
  }
}
