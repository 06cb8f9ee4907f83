import { BarPath, firstBarAfter } from "./barPath.js";
import { fittingSteps, niceRange } from "./niceRange.js";

/** @typedef {import("../store/series.js").Series} Series */
/** @typedef {import("../feed/increaseLoader.js").IncreaseLoader} IncreaseLoader */
/** @typedef {import("./valueRangeFitter.js").TimeWindow} TimeWindow */

/** Seconds between two checks of what is in the window. */
const REFIT_SECONDS = 0.25;

/**
 * Draws the increase of counters in each hour, day, week or month as bars. Before each one stands a
 * pale bar of the compared time, if there is one.
 */
export class BarMarks {
  /** Positions of the series side by side. @type {Map<Series, number>} */
  #slots = new Map();

  /**
   * @param {IncreaseLoader} loader
   * @param {IncreaseLoader} ghostLoader loads the increases of the compared time
   */
  constructor(loader, ghostLoader) {
    this.loader = loader;
    this.ghostLoader = ghostLoader;
  }

  /** Number that changes with each change of the bars. */
  get version() {
    return this.loader.increases.version + this.ghostLoader.increases.version;
  }

  /**
   * @param {TimeWindow} window
   * @param {Series[]} series
   * @param {number} now seconds
   */
  load(window, series, now) {
    this.loader.update(window, series, now);
    this.ghostLoader.update(window, series, now);
  }

  get seriesCount() {
    return this.#slots.size;
  }

  /** @param {Series[]} series */
  setSeries(series) {
    this.#slots = new Map(series.map((one, slot) => [one, slot]));
  }

  /** @param {Series} series */
  slotOf(series) {
    return this.#slots.get(series) ?? 0;
  }

  /** @param {import("./scales.js").ValueScale} axis */
  createFitter(axis) {
    return new BarFitter(axis, this);
  }

  /** @param {Series} series */
  createPath(series) {
    return new BarPath(series, this);
  }

  endOf() {
    return null;
  }

  /**
   * @param {Series} series
   * @param {number} time
   */
  pointAt({ name }, time) {
    const bar = this.loader.increases.barAt(name, time);
    if (!bar) return null;
    const { increase: value, start, end } = bar;
    const isFinished = end <= this.loader.increases.to;
    return { time: (start + end) / 2, value, min: value, max: value, period: { start, end, isFinished } };
  }

  /**
   * @param {Series} _series
   * @param {number} value
   */
  levelOf(_series, value) {
    return value;
  }
}

/** Fits the value axis to the bars in the window, from zero on, and loads missing ones. */
class BarFitter {
  readingCount = 0;
  #fittedAt = -Infinity;
  /** What the axis was fitted to. */
  #from = NaN;
  #to = NaN;
  #version = -1;
  /** Extremes of the bars in the window, and their number. */
  #min = 0;
  #max = 0;
  #count = 0;

  /**
   * @param {import("./scales.js").ValueScale} axis
   * @param {BarMarks} marks
   */
  constructor(axis, marks) {
    this.axis = axis;
    this.marks = marks;
  }

  /**
   * @param {TimeWindow} window
   * @param {Series[]} series
   * @param {number} now seconds
   */
  isDue(window, series, now) {
    const age = now - this.#fittedAt;
    if (age >= 0 && age < REFIT_SECONDS) return false;
    this.marks.load(window, series, now);
    const { from, to } = window;
    return from !== this.#from || to !== this.#to || this.marks.version !== this.#version;
  }

  /**
   * @param {TimeWindow} window
   * @param {Series[]} series
   * @param {number} now seconds
   * @param {boolean} force
   * @returns {boolean} true if the range of the axis has changed
   */
  refresh(window, series, now, force) {
    if (!force && !this.isDue(window, series, now)) return false;
    const { marks } = this;
    if (force) {
      marks.setSeries(series);
      marks.load(window, series, now);
    }
    this.#fittedAt = now;
    this.#from = window.from;
    this.#to = window.to;
    this.#version = marks.version;
    this.#min = this.#max = this.#count = 0;
    this.#measure(marks.loader.increases, window, series);
    this.readingCount = this.#count;
    this.#measure(marks.ghostLoader.increases, window, series);
    return this.#count > 0 && this.#fit();
  }

  /**
   * @param {import("../store/increases.js").Increases} increases
   * @param {TimeWindow} window
   * @param {Series[]} series
   */
  #measure(increases, window, series) {
    for (const { name } of series) {
      const bars = increases.allBars(name);
      for (let i = firstBarAfter(bars, window.from); i < bars.length; i++) {
        const { start, increase } = bars[i];
        if (start >= window.to) break;
        if (increase < this.#min) this.#min = increase;
        if (increase > this.#max) this.#max = increase;
        this.#count++;
      }
    }
  }

  /** @returns {boolean} true if the range of the axis has changed */
  #fit() {
    const { range, chart } = this.axis;
    const steps = fittingSteps(chart.chartArea?.height ?? 0);
    const nice = niceRange(range, this.#min, this.#max || 1, steps);
    const isFromZero = this.#min < 0 || nice.min === 0;
    if (nice === range && isFromZero) return false;
    this.axis.range = isFromZero ? nice : { ...nice, min: 0 };
    return this.axis.range.max !== range?.max || this.axis.range.min !== range?.min;
  }
}
