import { DatasetController, Element } from "chart.js";

/**
 * @typedef {object} LineStyle
 * @property {string} color
 * @property {number[]} dash
 * @property {number} width pixels
 */
/**
 * Viewport, time in seconds, and surroundings of the current frame; a Plot has all of them.
 *
 * @typedef {object} CurrentFrame
 * @property {import("./viewport.js").Viewport} viewport
 * @property {number} now
 * @property {import("./theme.js").Theme} theme
 * @property {{ left: number, right: number, top: number, bottom: number }} area
 * @property {import("../store/seriesStore.js").Gap[]} gaps
 */
/**
 * @typedef {object} StripDataset
 * @property {never[]} data
 * @property {import("./lineMarks.js").MarkPath} marks
 * @property {LineStyle} style
 * @property {CurrentFrame} plot
 */

/** Element class that Chart.js requires by name; it is never instantiated. */
export class StripElement extends Element {
  static id = "strip-element";
}

/**
 * Chart.js controller that draws the marks of a series, without an element for each point.
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
  _update() {}

  /** Draw the series in the plot's viewport. */
  draw() {
    const { ctx } = this.chart;
    const dataset = /** @type {StripDataset} */ (/** @type {any} */ (this.getDataset()));
    const { marks, style, plot } = dataset;
    marks.update(plot.viewport, plot.now);
    marks.paint(ctx, plot, style);
  }
}
