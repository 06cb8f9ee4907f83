import { barLeft, barWidth } from "./barGeometry.js";
import { fittingSteps, niceRange } from "./niceRange.js";

/** @typedef {import("../store/series.js").Series} Series */
/** @typedef {import("../feed/increaseLoader.js").IncreaseLoader} IncreaseLoader */
/** @typedef {import("./stripController.js").CurrentFrame} CurrentFrame */
/** @typedef {import("./stripController.js").LineStyle} LineStyle */
/** @typedef {import("./valueRangeFitter.js").TimeWindow} TimeWindow */

/** Seconds between two checks of what is in the window. */
const REFIT_SECONDS = 0.25;
const UNFINISHED_OPACITY = 0.45;
const GHOST_OPACITY = 0.3;
/** Narrower bars of the compared time have no outline. */
const MIN_OUTLINED_PIXELS = 4;
const OUTLINE_DASH = [4, 3];
const NO_DASH = /** @type {number[]} */ ([]);

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

  /** Increases at present, and at the compared time. */
  get both() {
    return [this.loader.increases, this.ghostLoader.increases];
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
    this.marks.load(window, series, now);
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
    this.marks.load(window, series, now);
    let [min, max, count] = [0, 0, 0];
    this.readingCount = 0;
    for (const increases of this.marks.both) {
      for (const { name } of series) {
        for (const { start, end, increase } of increases.allBars(name)) {
          if (end <= window.from || start >= window.to) continue;
          min = Math.min(min, increase);
          max = Math.max(max, increase);
          count++;
        }
      }
      // The first ones are those of the present.
      if (increases === this.marks.loader.increases) this.readingCount = count;
    }
    if (!count) return false;
    const { range, chart } = this.axis;
    const steps = fittingSteps(chart.chartArea?.height ?? 0);
    const nice = niceRange(range, min, max || 1, steps);
    this.axis.range = min < 0 || nice.min === 0 ? nice : { ...nice, min: 0 };
    return this.axis.range.max !== range?.max || this.axis.range.min !== range?.min;
  }

  /** @param {{ from: number, to: number }} window seconds */
  #keyOf({ from, to }) {
    return `${from} ${to} ${this.marks.version}`;
  }
}

/** The bars of one series. */
class BarPath {
  #version = -1;
  /** Bars of all periods that are loaded. @type {readonly import("../store/increases.js").Bar[]} */
  #bars = [];
  /** The same at the compared time. @type {readonly import("../store/increases.js").Bar[]} */
  #ghosts = [];
  /** Place of the bar that is painted; one object for all of them. */
  #place = { x: 0, y: 0, width: 0, height: 0 };

  /**
   * @param {Series} series
   * @param {BarMarks} marks
   */
  constructor(series, marks) {
    this.series = series;
    this.marks = marks;
  }

  get isOutdated() {
    return this.marks.version !== this.#version;
  }

  update() {
    const { version, both } = this.marks;
    if (version === this.#version) return;
    this.#version = version;
    [this.#bars, this.#ghosts] = both.map((increases) => increases.allBars(this.series.name));
  }

  /**
   * @param {CanvasRenderingContext2D} ctx
   * @param {CurrentFrame} frame
   * @param {LineStyle} style
   */
  paint(ctx, frame, { color }) {
    const slot = this.marks.slotOf(this.series);
    const count = this.marks.seriesCount;
    ctx.fillStyle = ctx.strokeStyle = color;
    ctx.lineWidth = 1;
    if (!this.#ghosts.length) {
      this.#paintBars(ctx, frame, slot, count);
      return;
    }
    this.#paintGhosts(ctx, frame, 2 * slot, 2 * count);
    this.#paintBars(ctx, frame, 2 * slot + 1, 2 * count);
  }

  /**
   * @param {CanvasRenderingContext2D} ctx
   * @param {CurrentFrame} frame
   * @param {number} slot position in each period
   * @param {number} count of all positions
   */
  #paintBars(ctx, frame, slot, count) {
    const place = this.#place;
    for (const bar of this.#bars) {
      if (!placeBar(place, frame, bar, slot, count)) continue;
      const { x, y, width, height } = place;
      const isFinished = bar.end <= frame.now;
      ctx.globalAlpha = isFinished ? 1 : UNFINISHED_OPACITY;
      ctx.fillRect(x, y, width, height);
      ctx.globalAlpha = 1;
      if (isFinished) continue;
      ctx.setLineDash(OUTLINE_DASH);
      ctx.strokeRect(x + 0.5, y + 0.5, Math.max(1, width - 1), height);
    }
    ctx.setLineDash(NO_DASH);
  }

  /**
   * @param {CanvasRenderingContext2D} ctx
   * @param {CurrentFrame} frame
   * @param {number} slot position in each period
   * @param {number} count of all positions
   */
  #paintGhosts(ctx, frame, slot, count) {
    const place = this.#place;
    for (const bar of this.#ghosts) {
      if (!placeBar(place, frame, bar, slot, count)) continue;
      const { x, y, width, height } = place;
      ctx.globalAlpha = GHOST_OPACITY;
      ctx.fillRect(x, y, width, height);
      ctx.globalAlpha = 1;
      if (width >= MIN_OUTLINED_PIXELS) ctx.strokeRect(x + 0.5, y + 0.5, width - 1, height);
    }
  }
}

/**
 * Find out where a bar is.
 *
 * @param {{ x: number, y: number, width: number, height: number }} place gets the pixels
 * @param {CurrentFrame} frame
 * @param {import("../store/increases.js").Bar} bar
 * @param {number} slot position in its period
 * @param {number} count of all positions
 * @returns {boolean} false if it is outside the window
 */
function placeBar(place, { viewport, area }, { start, end, increase }, slot, count) {
  const { from, left, pixelsPerSecond, bottom, min, pixelsPerUnit } = viewport;
  const to = from + (area.right - area.left) / pixelsPerSecond;
  if (end <= from || start >= to) return false;
  const startPixel = left + (start - from) * pixelsPerSecond;
  const endPixel = left + (end - from) * pixelsPerSecond;
  place.x = barLeft(startPixel, endPixel, slot, count);
  place.width = barWidth(endPixel - startPixel, count);
  place.height = increase * pixelsPerUnit;
  place.y = bottom + min * pixelsPerUnit - place.height;
  return true;
}
