import { heldAt } from "../store/heldValues.js";
import { SeriesPath } from "./seriesPath.js";
import { StepPath } from "./stepPath.js";
import { ValueRangeFitter } from "./valueRangeFitter.js";

/** @typedef {import("../store/series.js").Series} Series */
/** @typedef {import("../store/segmentQueries.js").NearestPoint} NearestPoint */
/** @typedef {import("./stripController.js").CurrentFrame} CurrentFrame */
/** @typedef {import("./stripController.js").LineStyle} LineStyle */
/**
 * What a plot draws for one series.
 *
 * @typedef {object} MarkPath
 * @property {Series} series
 * @property {boolean} isOutdated true if the series has changed since the last update
 * @property {(viewport: import("./viewport.js").Viewport, now: number) => void} update
 * @property {(ctx: CanvasRenderingContext2D, frame: CurrentFrame, style: LineStyle) => void} paint
 */
/**
 * @typedef {Pick<ValueRangeFitter, "readingCount" | "isDue" | "refresh"> &
 *           { hasLeftOut?: boolean }} Fitter
 */
/**
 * A way to draw series: as lines, lanes or bars.
 *
 * @typedef {object} Marks
 * @property {boolean} [isSparkline] true without axes
 * @property {(axis: import("./scales.js").ValueScale) => Fitter} createFitter
 * @property {(series: Series) => MarkPath} createPath
 * @property {(series: Series, time: number) => { time: number, value: number } | null} endOf
 *   returns the point that is highlighted at the end of a live window
 * @property {(series: Series, time: number, maxDistanceSeconds: number) =>
 *   NearestPoint | null} pointAt returns the point at the crosshair
 * @property {(series: Series, value: number) => number} levelOf
 *   returns the position of a value on the value axis
 */

/** Draws measures and counters as lines, and states as steps. */
export class LineMarks {
  /**
   * @param {import("./axisRange.js").AxisOptions} [axisOptions]
   * @param {boolean} [hasBand] false for the means of buckets without their ranges
   * @param {boolean} [isSparkline] true for a line without axes
   */
  constructor(axisOptions, hasBand = true, isSparkline = false) {
    this.isSparkline = isSparkline;
    this.axisOptions = axisOptions;
    this.hasBand = hasBand;
  }

  /** @param {import("./scales.js").ValueScale} axis */
  createFitter(axis) {
    return new ValueRangeFitter(axis, this.axisOptions);
  }

  /** @param {Series} series @returns {MarkPath} */
  createPath(series) {
    return series.kind === "state" ? new StepPath(series) : new SeriesPath(series, this.hasBand);
  }

  /**
   * @param {Series} series
   * @param {number} time
   */
  endOf(series, time) {
    const held = series.kind === "state" && series.newest ? heldAt(series, time) : null;
    return held ? { time, value: held.value } : series.lineEnd(time);
  }

  /**
   * @param {Series} series
   * @param {number} time
   * @param {number} maxDistanceSeconds
   */
  pointAt(series, time, maxDistanceSeconds) {
    if (series.kind !== "state") return series.nearest(time, maxDistanceSeconds);
    const held = heldAt(series, time);
    return held && { time, ...held };
  }

  /**
   * @param {Series} _series
   * @param {number} value
   */
  levelOf(_series, value) {
    return value;
  }
}
