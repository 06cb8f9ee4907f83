import { CLIP_PLUGIN } from "./clipPlugin.js";
import { AbsenceLabels } from "./absenceLabels.js";
import { createChart } from "./createChart.js";
import { findCrosshairPoints } from "./crosshair.js";
import { GapBands } from "./gapBands.js";
import { LimitLines } from "./limitLines.js";
import { LineMarks } from "./lineMarks.js";
import { LineStyles } from "./lineStyles.js";
import { Overlay } from "./overlay.js";
import { ScreenWatch } from "./screenWatch.js";
import { computeViewport, INITIAL_VIEWPORT } from "./viewport.js";

/** @typedef {import("../store/series.js").Series} Series */
/** @typedef {import("./overlay.js").Marker} Marker */
/** @typedef {import("./crosshair.js").CrosshairPoint} CrosshairPoint */

/** Pixels from the crosshair to the farthest reading that it shows. */
export const MAX_CROSSHAIR_DISTANCE = 60;
/** New readings that hardly move the line are drawn within this time, in seconds. */
const MAX_DELAY_SECONDS = 0.5;
/** With more lines than this in a chart they are 1 px wide, which is also drawn much faster. */
const MAX_WIDE_LINES = 6;

/** One chart: the lines of all series of one unit in the window of a view. */
export class Plot {
  /** Pixels of a line; null chooses 2, or 1 if there are many lines. @type {number | null} */
  lineWidth = null;
  /** Colours of the series. */
  styles = new LineStyles();
  /** Points at the crosshair, the nearest first. @type {CrosshairPoint[]} */
  crosshairPoints = [];
  /** Window and scales of the current frame; new for each frame. */
  viewport = INITIAL_VIEWPORT;
  /** Time of the current frame, in seconds. */
  now = 0;
  /** Time of the crosshair in seconds. @type {number | null} */
  #crosshair = null;
  #series = /** @type {Series[]} */ ([]);
  /** @type {import("./lineMarks.js").MarkPath[]} */
  #paths = [];
  /** @type {import("../store/seriesStore.js").Gap[]} */
  #gaps = [];
  /** @type {import("./limitLines.js").Limit[]} */
  #limits = [];
  /** @type {{ from: number, to: number } | null} */
  #selection = null;
  #window = { from: 0, to: 1, live: false };
  /** Revision of the theme in which the lines are drawn; -1 restyles them. */
  #themeRevision = -1;
  #drawnAt = -Infinity;
  #fitter;
  /** Tells if the chart is on the screen; off it the picture may be some seconds old. */
  screenWatch;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {import("./theme.js").Theme} theme
   * @param {import("./lineMarks.js").Marks} [marks]
   */
  constructor(canvas, theme, marks = new LineMarks()) {
    this.theme = theme;
    this.marks = marks;
    this.absenceLabels = new AbsenceLabels(theme, () => this.invalidate());
    // Chart.js knows the plot area only once it draws.
    const updateViewport = (/** @type {import("chart.js").Chart} */ { chartArea, scales }) => {
      this.viewport = computeViewport(this.#window, chartArea, scales.y);
    };
    const plugins = [
      { id: "viewport", beforeDatasetsDraw: updateViewport },
      new GapBands(this),
      this.absenceLabels,
      new LimitLines(this),
      CLIP_PLUGIN,
      new Overlay(this),
    ];
    this.chart = createChart(canvas, plugins);
    this.timeScale = /** @type {import("./scales.js").TimeScale} */ (this.chart.scales.x);
    this.valueScale = /** @type {import("./scales.js").ValueScale} */ (this.chart.scales.y);
    this.timeScale.theme = this.valueScale.theme = theme;
    this.timeScale.hasRoom = this.valueScale.hasRoom = !marks.isSparkline;
    this.#fitter = marks.createFitter(this.valueScale);
    this.screenWatch = new ScreenWatch(canvas, () => this.invalidate());
  }

  /** Number of readings in the window. */
  get readingCount() {
    return this.#fitter.readingCount;
  }

  /** True if the window has values that a logarithmic axis can't show. */
  get hasLeftOut() {
    return this.#fitter.hasLeftOut ?? false;
  }

  /** Area of the lines, in pixels. */
  get area() {
    return this.chart.chartArea;
  }

  /** Width that the labels of the value axis need, in pixels. */
  get requiredAxisWidth() {
    return this.valueScale.requiredWidth;
  }

  /** @param {number} width pixels of the value axis, the same for all charts of the page */
  set axisWidth(width) {
    if (width === this.valueScale.axisWidth) return;
    this.valueScale.axisWidth = width;
    this.restyle();
  }

  /** Draw new lines in the next frame, because styles or kinds have changed. */
  restyle() {
    this.#series = this.#paths = [];
    this.#themeRevision = -1;
    this.invalidate();
  }

  /** Time of the pointer in any chart, in seconds, or null. */
  get crosshair() {
    return this.#crosshair;
  }

  set crosshair(time) {
    if (time === this.#crosshair) return;
    this.#crosshair = time;
    this.invalidate();
  }

  /** @param {string | null} unit of all values */
  set unit(unit) {
    if (unit === this.valueScale.unit) return;
    this.valueScale.unit = unit;
    this.#themeRevision = -1;
  }

  /** Known gaps, ascending in time. */
  get gaps() {
    return this.#gaps;
  }

  set gaps(gaps) {
    if (gaps === this.#gaps) return;
    this.#gaps = gaps;
    this.invalidate();
  }

  /** Limits of the values, drawn as lines and bands. */
  get limits() {
    return this.#limits;
  }

  set limits(limits) {
    this.#limits = limits;
    this.invalidate();
  }

  /** The selected range in seconds, or null. */
  get selection() {
    return this.#selection;
  }

  set selection(selection) {
    if (selection === this.#selection) return;
    this.#selection = selection;
    this.invalidate();
  }

  /**
   * @param {number} x pixels
   * @returns {number} seconds
   */
  timeAt(x) {
    return this.timeScale.getValueForPixel(x);
  }

  destroy() {
    this.screenWatch.disconnect();
    this.chart.destroy();
  }

  /** Draw in the next frame even if nothing seems to have changed. */
  invalidate() {
    this.#drawnAt = -Infinity;
  }

  /**
   * Draw the window of a view if the picture would differ; seldom if it is off the screen.
   *
   * @param {{ from: number, to: number, now: number, live: boolean }} view seconds
   * @param {Series[]} series
   * @param {boolean} offScreen draw now off the screen as well, to export a picture
   * @returns {boolean} true if it has drawn
   */
  draw({ from, to, now, live }, series, offScreen = false) {
    if (!offScreen && !this.screenWatch.allowsDrawing(now)) return false;
    const hasNewLines = this.#updateLines(series);
    const isInvalid = this.#drawnAt === -Infinity;
    if (!hasNewLines && !isInvalid && !this.#differs(from, to, now)) return false;
    this.#window = { from, to, live };
    this.now = now;
    const hasNewRange = this.#fitter.refresh(this.#window, this.#series, now, hasNewLines);
    this.#drawnAt = now;
    this.timeScale.slide(from, to);
    if (hasNewLines || hasNewRange) this.chart.update("none");
    else this.chart.draw();
    return true;
  }

  /**
   * Return the end of each line in a live window: its newest reading, or where the window cuts it.
   *
   * @returns {Marker[]}
   */
  lineEnds() {
    const { to, live } = this.#window;
    if (!live) return [];
    return this.#series.flatMap((series) => {
      const end = this.marks.endOf(series, to);
      return end ? [this.#markerAt(series, end.time, end.value)] : [];
    });
  }

  /** Find the points at the crosshair, and return what to draw there; null without a crosshair. */
  crosshairMarkers() {
    const time = this.#crosshair;
    this.crosshairPoints = [];
    if (time === null) return null;
    const { from, to } = this.#window;
    const maxDistanceSeconds = (MAX_CROSSHAIR_DISTANCE / this.area.width) * (to - from);
    this.crosshairPoints = findCrosshairPoints(
      this.#series,
      time,
      (one) => this.marks.pointAt(one, time, maxDistanceSeconds),
      (...point) => this.#markerAt(...point),
    );
    const x = this.timeScale.getPixelForValue(time);
    return { x, markers: this.crosshairPoints.filter(({ value }) => value !== null) };
  }

  /**
   * Return true if the picture would differ: it has moved by half a pixel, or readings came.
   *
   * Readings that move the line less than that are collected for a moment and drawn together.
   *
   * @param {number} from
   * @param {number} to
   * @param {number} now
   */
  #differs(from, to, now) {
    const halfPixel = (to - from) / this.area.width / 2 / devicePixelRatio;
    const { from: drawnFrom, to: drawnTo } = this.#window;
    const hasMoved =
      Math.abs(from - drawnFrom) >= halfPixel || Math.abs(to - drawnTo) >= halfPixel;
    if (hasMoved || this.#fitter.isDue({ from, to }, this.#series, now)) return true;
    const age = now - this.#drawnAt;
    if (age >= 0 && age < Math.min(MAX_DELAY_SECONDS, halfPixel)) return false;
    return this.#paths.some(({ isOutdated }) => isOutdated);
  }

  /**
   * Set the lines to draw and their styles.
   *
   * @param {Series[]} series
   * @returns {boolean} true if the chart needs an update
   */
  #updateLines(series) {
    const isSame =
      series.length === this.#series.length && series.every((one, i) => one === this.#series[i]);
    if (isSame && this.theme.revision === this.#themeRevision) return false;
    if (!isSame) {
      const existing = new Map(this.#paths.map((path) => [path.series, path]));
      this.#paths = series.map((one) => existing.get(one) ?? this.marks.createPath(one));
      this.#series = [...series];
    }
    this.#themeRevision = this.theme.revision;
    const width = this.lineWidth ?? (series.length > MAX_WIDE_LINES ? 1 : 2);
    /** @type {any} */
    const datasets = this.#paths.map((marks) => {
      const { color, dash } = this.styles.of(marks.series, this.theme.dark);
      return { data: [], marks, style: { color, dash, width }, plot: this };
    });
    this.chart.data.datasets = datasets;
    return true;
  }

  /**
   * @param {Series} series
   * @param {number} time
   * @param {number} value
   * @returns {Marker}
   */
  #markerAt(series, time, value) {
    const [x, y] = [
      this.timeScale.getPixelForValue(time),
      this.valueScale.getPixelForValue(this.marks.levelOf(series, value)),
    ];
    return { x, y, ...this.styles.of(series, this.theme.dark) };
  }
}
