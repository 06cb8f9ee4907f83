import { LinePath } from "./linePath.js";

/** @typedef {import("./linePath.js").LinePath["grid"]} Grid */

/**
 * Draws buckets: the mean as a line, and a band from the lowest to the highest. Buckets that are
 * shorter than a column of pixels become one, aligned to the epoch.
 */
export class BucketPath {
  /** The outline of the band, to fill and to stroke. */
  band = new Path2D();
  /** @type {{ time: number, min: number, max: number }[]} */
  #run = [];
  #column = NaN;
  #time = 0;
  #min = Infinity;
  #max = -Infinity;
  #sum = 0;
  #count = 0;
  #last = -Infinity;

  /**
   * @param {Grid} grid
   * @param {number} width seconds of a column of pixels
   */
  constructor(grid, width) {
    this.pen = new LinePath(grid);
    this.width = width;
  }

  /**
   * @param {import("../store/segments.js").Segment} piece
   */
  add({ source, first, end }) {
    const { t, min, max, mean, count, bucketSeconds: bucket, gapSeconds: gap } = source;
    const wide = bucket >= this.width;
    for (let i = first; i < end; i++) {
      const middle = t[i] + bucket / 2;
      const breaks = t[i] - this.#last > gap;
      const column = Math.floor(middle / this.width);
      if (breaks || column !== this.#column || wide) this.#flush(breaks);
      const weight = count?.length ? count[i] : 1;
      this.#column = column;
      this.#time = wide ? middle : (column + 0.5) * this.width;
      if (min[i] < this.#min) this.#min = min[i];
      if (max[i] > this.#max) this.#max = max[i];
      this.#sum += mean[i] * weight;
      this.#count += weight;
      this.#last = t[i];
    }
  }

  /** Draw what is left. */
  finish() {
    this.#flush(true);
  }

  /** @param {boolean} ends whether a gap comes after it */
  #flush(ends) {
    if (this.#count) {
      this.pen.add(this.#time, this.#sum / this.#count, Infinity);
      this.#run.push({ time: this.#time, min: this.#min, max: this.#max });
      [this.#min, this.#max, this.#sum, this.#count] = [Infinity, -Infinity, 0, 0];
    }
    if (!ends || !this.#run.length) return;
    this.pen.breakLine();
    this.#outline();
    this.#run = [];
  }

  #outline() {
    const { pen, band } = this;
    const run = this.#run;
    band.moveTo(pen.x(run[0].time), pen.y(run[0].max));
    for (let i = 1; i < run.length; i++) band.lineTo(pen.x(run[i].time), pen.y(run[i].max));
    for (let i = run.length - 1; i >= 0; i--) band.lineTo(pen.x(run[i].time), pen.y(run[i].min));
    band.closePath();
  }
}
