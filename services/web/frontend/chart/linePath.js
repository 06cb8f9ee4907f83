/** @typedef {{ x: number, y: number }} PathPoint in pixels of the path */

/** A canvas draws no further than this. */
const FURTHEST = 32_767;

/**
 * Draws points in the order of time into a path, and breaks the line where a gap is. Pixels are
 * those of the window that was shown when the path was begun.
 */
export class LinePath {
  path = new Path2D();
  /** Points that no line shows, for they have a gap on both sides. @type {PathPoint[]} */
  lone = [];
  /** The time of the last point; -Infinity before the first. */
  last = -Infinity;
  #run = 0;
  #spot = { x: 0, y: 0 };

  /**
   * Where a time and a value are: `left` is the pixel of the time `origin`, `bottom` that of the
   * value `min`; `pixels` are those of a second, `height` those of 1.
   *
   * @param {{ left: number, origin: number, pixels: number, bottom: number, min: number,
   *           height: number }} grid
   */
  constructor(grid) {
    this.grid = grid;
  }

  /** @param {number} time */
  x(time) {
    const { left, origin, pixels } = this.grid;
    return left + (time - origin) * pixels;
  }

  /** @param {number} value */
  y(value) {
    const { bottom, min, height } = this.grid;
    const y = bottom - (value - min) * height;
    return y > FURTHEST ? FURTHEST : y < -FURTHEST ? -FURTHEST : y;
  }

  /**
   * @param {number} time
   * @param {number} value
   * @param {number} gap seconds without a point that break the line
   */
  add(time, value, gap) {
    if (time - this.last > gap) this.breakLine();
    const x = this.x(time);
    const y = this.y(value);
    if (this.#run++) this.path.lineTo(x, y);
    else {
      this.path.moveTo(x, y);
      this.#spot = { x, y };
    }
    this.last = time;
  }

  /** End the line here. */
  breakLine() {
    if (this.#run === 1) this.lone.push(this.#spot);
    this.#run = 0;
    this.last = -Infinity;
  }

  /** A pen that goes on from here with a path of its own. */
  copy() {
    const copy = new LinePath(this.grid);
    copy.path = new Path2D(this.path);
    copy.lone = [...this.lone];
    copy.last = this.last;
    copy.#run = this.#run;
    copy.#spot = this.#spot;
    return copy;
  }

  /** The points that no line shows, with the last one if it is alone so far. */
  get dots() {
    return this.#run === 1 ? [...this.lone, this.#spot] : this.lone;
  }
}
