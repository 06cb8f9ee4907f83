import { SeriesPath } from "./seriesPath.js";
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
/** @typedef {Pick<ValueRangeFitter, "readingCount" | "isDue" | "refresh">} Fitter */
/**
 * A way to draw series: as lines, lanes or bars.
 *
 * @typedef {object} Marks
 * @property {(axis: import("./scales.js").ValueScale) => Fitter} createFitter
 * @property {(series: Series) => MarkPath} createPath
 * @property {(series: Series, time: number) => { time: number, value: number } | null} endOf
 *   returns the point that is highlighted at the end of a live window
 * @property {(series: Series, time: number, maxDistanceSeconds: number) =>
 *   NearestPoint | null} pointAt returns the point at the crosshair
 * @property {(series: Series, value: number) => number} levelOf
 *   returns the position of a value on the value axis
 */

/** Draws series as lines. @implements {Marks} */
export class LineMarks {
  /** @param {import("./scales.js").ValueScale} axis */
  createFitter(axis) {
    return new ValueRangeFitter(axis);
  }

  /** @param {Series} series @returns {MarkPath} */
  createPath(series) {
    return new SeriesPath(series);
  }

  /**
   * @param {Series} series
   * @param {number} time
   */
  endOf(series, time) {
    return series.lineEnd(time);
  }

  /**
   * @param {Series} series
   * @param {number} time
   * @param {number} maxDistanceSeconds
   */
  pointAt(series, time, maxDistanceSeconds) {
    return series.nearest(time, maxDistanceSeconds);
  }

  /**
   * @param {Series} _series
   * @param {number} value
   */
  levelOf(_series, value) {
    return value;
  }
}
