/** @typedef {import("./viewport.js").Viewport} Viewport */
/** @typedef {{ x: number, y: number }} PathPoint in pixels of the path */

/** A canvas draws no further than this. */
const MAX_PIXEL = 32_767;

/**
 * Builds the path of a line through points in ascending order of time, broken at gaps.
 *
 * Its pixels are those of the viewport that was shown when the path was begun.
 */
export class LinePath {
  path = new Path2D();
  /** Points between two gaps, which no line shows. @type {PathPoint[]} */
  #isolatedPoints = [];
  /** Time of the last point of the current line; -Infinity without one. */
  #lastTime = -Infinity;
  /** Number of points of the current line. */
  #pointCount = 0;
  #firstPoint = { x: 0, y: 0 };

  /** @param {Viewport} viewport */
  constructor(viewport) {
    this.viewport = viewport;
  }

  /** @param {number} time */
  xOf(time) {
    const { left, from, pixelsPerSecond } = this.viewport;
    return left + (time - from) * pixelsPerSecond;
  }

  /** @param {number} value */
  yOf(value) {
    const { bottom, min, isLog, pixelsPerUnit } = this.viewport;
    const y = bottom - ((isLog ? Math.log10(Math.max(0, value)) : value) - min) * pixelsPerUnit;
    return y > MAX_PIXEL ? MAX_PIXEL : y < -MAX_PIXEL ? -MAX_PIXEL : y;
  }

  /**
   * @param {number} time
   * @param {number} value
   * @param {number} gapSeconds seconds without a point that break the line
   */
  addPoint(time, value, gapSeconds) {
    if (time - this.#lastTime > gapSeconds) this.breakLine();
    if (value <= 0 && this.viewport.isLog) {
      this.breakLine();
      return;
    }
    const x = this.xOf(time);
    const y = this.yOf(value);
    if (this.#pointCount++) this.path.lineTo(x, y);
    else {
      this.path.moveTo(x, y);
      this.#firstPoint = { x, y };
    }
    this.#lastTime = time;
  }

  /** End the current line; the next point begins another one. */
  breakLine() {
    if (this.#pointCount === 1) this.#isolatedPoints.push(this.#firstPoint);
    this.#pointCount = 0;
    this.#lastTime = -Infinity;
  }

  /** Return a copy that continues with a path of its own. */
  clone() {
    const copy = new LinePath(this.viewport);
    copy.path = new Path2D(this.path);
    copy.#isolatedPoints = [...this.#isolatedPoints];
    copy.#lastTime = this.#lastTime;
    copy.#pointCount = this.#pointCount;
    copy.#firstPoint = this.#firstPoint;
    return copy;
  }

  /** Points that no line shows: isolated ones, and the last one if it has no line yet. */
  get dots() {
    const isLastIsolated = this.#pointCount === 1;
    return isLastIsolated ? [...this.#isolatedPoints, this.#firstPoint] : this.#isolatedPoints;
  }
}
