import { barLeft, barWidth } from "./barGeometry.js";

/** @typedef {import("../store/series.js").Series} Series */
/** @typedef {import("../store/increases.js").Bar} Bar */
/** @typedef {import("./barMarks.js").BarMarks} BarMarks */
/** @typedef {import("./stripController.js").CurrentFrame} CurrentFrame */
/** @typedef {import("./stripController.js").LineStyle} LineStyle */

const UNFINISHED_OPACITY = 0.45;
const GHOST_OPACITY = 0.3;
/** Narrower bars of the compared time have no outline. */
const MIN_OUTLINED_PIXELS = 4;
const OUTLINE_DASH = [4, 3];
const NO_DASH = /** @type {number[]} */ ([]);

/**
 * The bars of one series, and pale ones of the compared time.
 *
 * Each frame paints rectangles: a path of all of them takes a canvas several times as long.
 */
export class BarPath {
  #version = -1;
  /** Bars of all periods that are loaded. @type {readonly Bar[]} */
  #bars = [];
  /** The same at the compared time. @type {readonly Bar[]} */
  #ghosts = [];

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
    const { marks, series } = this;
    if (marks.version === this.#version) return;
    this.#version = marks.version;
    this.#bars = marks.loader.increases.allBars(series.name);
    this.#ghosts = marks.ghostLoader.increases.allBars(series.name);
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
      paintEach(ctx, frame, this.#bars, slot, count, paintBar);
      return;
    }
    paintEach(ctx, frame, this.#ghosts, 2 * slot, 2 * count, paintGhost);
    paintEach(ctx, frame, this.#bars, 2 * slot + 1, 2 * count, paintBar);
  }
}

/**
 * Paint the bars in the window with a function.
 *
 * @param {CanvasRenderingContext2D} ctx
 * @param {CurrentFrame} frame
 * @param {readonly Bar[]} bars
 * @param {number} slot position in each period
 * @param {number} count of all positions
 * @param {typeof paintBar | typeof paintGhost} paint
 */
function paintEach(ctx, { viewport, now }, bars, slot, count, paint) {
  const { from, to, left, pixelsPerSecond, bottom, min, pixelsPerUnit } = viewport;
  const zero = bottom + min * pixelsPerUnit;
  for (let i = firstBarAfter(bars, from); i < bars.length; i++) {
    const { start, end, increase } = bars[i];
    if (start >= to) break;
    const startPixel = left + (start - from) * pixelsPerSecond;
    const endPixel = left + (end - from) * pixelsPerSecond;
    const x = barLeft(startPixel, endPixel, slot, count);
    const width = barWidth(endPixel - startPixel, count);
    const height = increase * pixelsPerUnit;
    paint(ctx, x, zero - height, width, height, end <= now);
  }
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 * @param {boolean} isFinished false if its period has not ended
 */
function paintBar(ctx, x, y, width, height, isFinished) {
  if (isFinished) {
    ctx.fillRect(x, y, width, height);
    return;
  }
  ctx.globalAlpha = UNFINISHED_OPACITY;
  ctx.fillRect(x, y, width, height);
  ctx.globalAlpha = 1;
  ctx.setLineDash(OUTLINE_DASH);
  ctx.strokeRect(x + 0.5, y + 0.5, Math.max(1, width - 1), height);
  ctx.setLineDash(NO_DASH);
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 */
function paintGhost(ctx, x, y, width, height) {
  ctx.globalAlpha = GHOST_OPACITY;
  ctx.fillRect(x, y, width, height);
  ctx.globalAlpha = 1;
  if (width >= MIN_OUTLINED_PIXELS) ctx.strokeRect(x + 0.5, y + 0.5, width - 1, height);
}

/**
 * Return the index of the first bar that ends after a time.
 *
 * @param {readonly Bar[]} bars ascending in time
 * @param {number} time seconds
 */
export function firstBarAfter(bars, time) {
  let [low, high] = [0, bars.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bars[middle].end > time) high = middle;
    else low = middle + 1;
  }
  return low;
}
