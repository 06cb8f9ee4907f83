import { LinePath } from "./linePath.js";

/**
 * Builds the paths of buckets: a line of their means, and a band from their minima to their maxima.
 *
 * Buckets shorter than a pixel column are merged into one for each column, aligned to the epoch.
 */
export class BucketPath {
  /** Outline of the band, to fill and to stroke. */
  band = new Path2D();
  /** Points of the band since the last gap. @type {{ time: number, min: number, max: number }[]} */
  #bandPoints = [];
  #column = NaN;
  #time = 0;
  #min = Infinity;
  #max = -Infinity;
  #sum = 0;
  #count = 0;
  /** Start of the last bucket, in seconds. */
  #lastStart = -Infinity;

  /** @param {import("./viewport.js").Viewport} viewport */
  constructor(viewport) {
    this.line = new LinePath(viewport);
    this.columnSeconds = viewport.columnSeconds;
  }

  /** @param {import("../store/segments.js").Segment} segment */
  addSegment({ source, start, end }) {
    const { t, min, max, mean, count, bucketSeconds, gapSeconds } = source;
    const isWide = bucketSeconds >= this.columnSeconds;
    for (let i = start; i < end; i++) {
      const middle = t[i] + bucketSeconds / 2;
      const isAfterGap = t[i] - this.#lastStart > gapSeconds;
      const column = Math.floor(middle / this.columnSeconds);
      if (isAfterGap || column !== this.#column || isWide) this.#drawColumn(isAfterGap);
      const weight = count?.length ? count[i] : 1;
      this.#column = column;
      this.#time = isWide ? middle : (column + 0.5) * this.columnSeconds;
      if (min[i] < this.#min) this.#min = min[i];
      if (max[i] > this.#max) this.#max = max[i];
      this.#sum += mean[i] * weight;
      this.#count += weight;
      this.#lastStart = t[i];
    }
  }

  /** Draw the last column. */
  finish() {
    this.#drawColumn(true);
  }

  /** @param {boolean} isBeforeGap */
  #drawColumn(isBeforeGap) {
    if (this.#count) {
      this.line.addPoint(this.#time, this.#sum / this.#count, Infinity);
      this.#bandPoints.push({ time: this.#time, min: this.#min, max: this.#max });
      [this.#min, this.#max, this.#sum, this.#count] = [Infinity, -Infinity, 0, 0];
    }
    if (!isBeforeGap || !this.#bandPoints.length) return;
    this.line.breakLine();
    this.#drawBand();
    this.#bandPoints = [];
  }

  #drawBand() {
    const { line, band } = this;
    const points = this.#bandPoints;
    band.moveTo(line.xOf(points[0].time), line.yOf(points[0].max));
    for (let i = 1; i < points.length; i++) {
      band.lineTo(line.xOf(points[i].time), line.yOf(points[i].max));
    }
    for (let i = points.length - 1; i >= 0; i--) {
      band.lineTo(line.xOf(points[i].time), line.yOf(points[i].min));
    }
    band.closePath();
  }
}
