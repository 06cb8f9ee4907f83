import { DatasetController, Element } from "chart.js";

/**
 * @typedef {object} LineStyle
 * @property {string} color
 * @property {number[]} dash
 * @property {number} width pixels
 */
/** @typedef {{ data: never[], trace: import("./seriesPath.js").SeriesPath, look: LineStyle }} StripDataset */
/**
 * @typedef {{ frame: import("./seriesPath.js").Viewport, now: number }} Moment what is drawn, and when
 */

const BAND_OPACITY = 0.2;
const OUTLINE_OPACITY = 0.5;
const DOT = 2;

/** Chart.js wants a class of elements to be named; none is ever made. */
export class StripElement extends Element {
  static id = "strip-element";
}

/**
 * A line that is drawn from its series, without an element for each point. It touches what is
 * private in Chart.js, whose version is therefore pinned.
 */
export class StripController extends DatasetController {
  static id = "strip";
  static defaults = { datasetElementType: false, dataElementType: StripElement.id };

  addElements() {}
  buildOrUpdateElements() {}
  parse() {}
  reset() {}
  _update() {
    // All lines are clipped at once.
    /** @type {any} */ (this)._cachedMeta._clip = { disabled: true };
  }

  /** Draw the series in the window of the chart. */
  draw() {
    const { chart } = this;
    const { trace, look } = /** @type {StripDataset} */ (/** @type {any} */ (this.getDataset()));
    const { frame, now } = /** @type {Moment} */ (/** @type {any} */ (chart).moment);
    const { ctx } = chart;
    trace.update(frame, now);
    const slid = trace.slid(frame);
    ctx.translate(-slid, 0);
    ctx.strokeStyle = ctx.fillStyle = look.color;
    if (trace.band) drawBand(ctx, trace.band);
    ctx.lineWidth = look.width;
    ctx.setLineDash(look.dash);
    ctx.stroke(trace.path);
    if (trace.dots.length) drawDots(ctx, trace.dots);
    ctx.translate(slid, 0);
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {Path2D} band */
function drawBand(ctx, band) {
  ctx.globalAlpha = BAND_OPACITY;
  ctx.fill(band);
  // The outline shows a lowest or highest that is narrower than a pixel.
  ctx.globalAlpha = OUTLINE_OPACITY;
  ctx.lineWidth = 1;
  ctx.setLineDash([]);
  ctx.stroke(band);
  ctx.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} ctx @param {import("./linePath.js").PathPoint[]} dots */
function drawDots(ctx, dots) {
  ctx.beginPath();
  for (const { x, y } of dots) {
    ctx.moveTo(x + DOT, y);
    ctx.arc(x, y, DOT, 0, 2 * Math.PI);
  }
  ctx.fill();
}
