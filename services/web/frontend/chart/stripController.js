import { DatasetController, Element } from "chart.js";

/**
 * @typedef {object} LineStyle
 * @property {string} color
 * @property {number[]} dash
 * @property {number} width pixels
 */
/**
 * Viewport and time of the current frame, in seconds; a Plot has both.
 *
 * @typedef {{ viewport: import("./viewport.js").Viewport, now: number }} CurrentFrame
 */
/**
 * @typedef {object} StripDataset
 * @property {never[]} data
 * @property {import("./seriesPath.js").SeriesPath} seriesPath
 * @property {LineStyle} style
 * @property {CurrentFrame} plot
 */

const BAND_OPACITY = 0.2;
const OUTLINE_OPACITY = 0.5;
/** Radius of the dot of an isolated point, in pixels. */
const DOT_RADIUS = 2;

/** Element class that Chart.js requires by name; it is never instantiated. */
export class StripElement extends Element {
  static id = "strip-element";
}

/**
 * Chart.js controller that draws a line from its series, without an element for each point.
 *
 * It uses private members of Chart.js, whose version is therefore pinned.
 */
export class StripController extends DatasetController {
  static id = "strip";
  static defaults = { datasetElementType: false, dataElementType: StripElement.id };

  addElements() {}
  buildOrUpdateElements() {}
  parse() {}
  reset() {}
  _update() {
    // The clip plugin clips all lines together.
    /** @type {any} */ (this)._cachedMeta._clip = { disabled: true };
  }

  /** Draw the series in the plot's viewport. */
  draw() {
    const { ctx } = this.chart;
    const dataset = /** @type {StripDataset} */ (/** @type {any} */ (this.getDataset()));
    const { seriesPath, style, plot } = dataset;
    seriesPath.update(plot.viewport, plot.now);
    const offset = seriesPath.offset(plot.viewport);
    ctx.translate(-offset, 0);
    ctx.strokeStyle = ctx.fillStyle = style.color;
    if (seriesPath.band) drawBand(ctx, seriesPath.band);
    ctx.lineWidth = style.width;
    ctx.setLineDash(style.dash);
    ctx.stroke(seriesPath.path);
    if (seriesPath.dots.length) drawDots(ctx, seriesPath.dots);
    ctx.translate(offset, 0);
  }
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Path2D} band
 */
function drawBand(ctx, band) {
  ctx.globalAlpha = BAND_OPACITY;
  ctx.fill(band);
  // The outline shows extremes that are narrower than a pixel.
  ctx.globalAlpha = OUTLINE_OPACITY;
  ctx.lineWidth = 1;
  ctx.setLineDash([]);
  ctx.stroke(band);
  ctx.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {import("./linePath.js").PathPoint[]} dots
 */
function drawDots(ctx, dots) {
  ctx.beginPath();
  for (const { x, y } of dots) {
    ctx.moveTo(x + DOT_RADIUS, y);
    ctx.arc(x, y, DOT_RADIUS, 0, 2 * Math.PI);
  }
  ctx.fill();
}
