import { barLeft, barWidth } from "./barGeometry.js";
import { fittingSteps, niceRange } from "./niceRange.js";

/** @typedef {import("../store/series.js").Series} Series */
/** @typedef {import("../feed/increaseLoader.js").IncreaseLoader} IncreaseLoader */
/** @typedef {import("./stripController.js").CurrentFrame} CurrentFrame */
/** @typedef {import("./stripController.js").LineStyle} LineStyle */

/** Seconds between two looks at what is in the window. */
const REFIT_SECONDS = 0.25;
const UNFINISHED_OPACITY = 0.45;
const OUTLINE_DASH = [4, 3];
const NO_DASH = /** @type {number[]} */ ([]);

/** Draws the increase of counters in each hour, day, week or month as bars. */
export class BarMarks {
  /** Positions of the series side by side. @type {Map<Series, number>} */
  #slots = new Map();

  /** @param {IncreaseLoader} loader */
  constructor(loader) {
    this.loader = loader;
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
  #fittedKey = "";

  /**
   * @param {import("./scales.js").ValueScale} axis
   * @param {BarMarks} marks
   */
  constructor(axis, marks) {
    this.axis = axis;
    this.marks = marks;
  }

  /**
   * @param {{ from: number, to: number }} window seconds
   * @param {Series[]} series
   * @param {number} now seconds
   */
  isDue(window, series, now) {
    const age = now - this.#fittedAt;
    if (age >= 0 && age < REFIT_SECONDS) return false;
    this.marks.loader.update(window, series, now);
    return this.#fittedKey !== this.#keyOf(window);
  }

  /**
   * @param {{ from: number, to: number }} window seconds
   * @param {Series[]} series
   * @param {number} now seconds
   * @param {boolean} force
   * @returns {boolean} true if the range of the axis has changed
   */
  refresh(window, series, now, force) {
    if (!force && !this.isDue(window, series, now)) return false;
    this.#fittedAt = now;
    this.#fittedKey = this.#keyOf(window);
    this.marks.setSeries(series);
    this.marks.loader.update(window, series, now);
    let [min, max] = [0, 0];
    this.readingCount = 0;
    for (const { name } of series) {
      for (const { increase } of this.marks.loader.increases.bars(name, window.from, window.to)) {
        min = Math.min(min, increase);
        max = Math.max(max, increase);
        this.readingCount++;
      }
    }
    if (!this.readingCount) return false;
    const { range, chart } = this.axis;
    const steps = fittingSteps(chart.chartArea?.height ?? 0);
    const nice = niceRange(range, min, max || 1, steps);
    this.axis.range = min < 0 || nice.min === 0 ? nice : { ...nice, min: 0 };
    return this.axis.range.max !== range?.max || this.axis.range.min !== range?.min;
  }

  /** @param {{ from: number, to: number }} window seconds */
  #keyOf({ from, to }) {
    return `${from} ${to} ${this.marks.loader.increases.version}`;
  }
}

/** The bars of one series. */
class BarPath {
  #version = -1;
  /** Bars of all periods that are loaded. @type {import("../store/increases.js").Bar[]} */
  #bars = [];

  /**
   * @param {Series} series
   * @param {BarMarks} marks
   */
  constructor(series, marks) {
    this.series = series;
    this.marks = marks;
  }

  get isOutdated() {
    return this.marks.loader.increases.version !== this.#version;
  }

  update() {
    const { increases } = this.marks.loader;
    if (increases.version === this.#version) return;
    this.#version = increases.version;
    this.#bars = increases.bars(this.series.name);
  }

  /**
   * @param {CanvasRenderingContext2D} ctx
   * @param {CurrentFrame} frame
   * @param {LineStyle} style
   */
  paint(ctx, { viewport, area, now }, { color }) {
    const { from, left, pixelsPerSecond, bottom, min, pixelsPerUnit } = viewport;
    const to = from + (area.right - area.left) / pixelsPerSecond;
    const slot = this.marks.slotOf(this.series);
    const count = this.marks.seriesCount;
    const zero = bottom + min * pixelsPerUnit;
    ctx.fillStyle = ctx.strokeStyle = color;
    ctx.lineWidth = 1;
    for (const { start, end, increase } of this.#bars) {
      if (end <= from || start >= to) continue;
      const startPixel = left + (start - from) * pixelsPerSecond;
      const endPixel = left + (end - from) * pixelsPerSecond;
      const x = barLeft(startPixel, endPixel, slot, count);
      const width = barWidth(endPixel - startPixel, count);
      const height = increase * pixelsPerUnit;
      const isFinished = end <= now;
      ctx.globalAlpha = isFinished ? 1 : UNFINISHED_OPACITY;
      ctx.fillRect(x, zero - height, width, height);
      ctx.globalAlpha = 1;
      if (isFinished) continue;
      ctx.setLineDash(OUTLINE_DASH);
      ctx.strokeRect(x + 0.5, zero - height + 0.5, Math.max(1, width - 1), height);
    }
    ctx.setLineDash(NO_DASH);
  }
}
