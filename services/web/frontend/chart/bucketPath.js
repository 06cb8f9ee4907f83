import { LinePath } from "./linePath.js";

/**
 * Pixel column of buckets or readings. `isAfterGap` is true if no line leads to it.
 *
 * @typedef {{ time: number, min: number, max: number, mean: number, isAfterGap: boolean }} Column
 */

/**
 * With more readings than this in a pixel column, a line through its extremes would be a solid area.
 */
const MAX_READINGS_OF_LINE = 16;
/** The same if there was a band before, so that a chart at the limit does not flicker. */
const MAX_READINGS_AFTER_BAND = 12;

/**
 * Builds the paths of buckets, as one point for each pixel column, aligned to the epoch. Buckets
 * longer than a column have a point each.
 *
 * A line through the minimum and the maximum of each column looks like one through single readings.
 * Where columns have many readings, it is a line of their means, and a band from minima to maxima.
 */
export class BucketPath {
  /** Outline of the band, to fill and to stroke. */
  band = new Path2D();
  /** True if the columns have many readings. */
  isDense = false;
  /** @type {Column[]} */
  #columns = [];
  /** Readings of all columns. */
  #readingCount = 0;
  #column = NaN;
  #time = 0;
  #min = Infinity;
  #max = -Infinity;
  #sum = 0;
  #count = 0;
  #isAfterGap = true;
  /** Start of the last bucket, in seconds. */
  #lastStart = -Infinity;

  /**
   * @param {import("./viewport.js").Viewport} viewport
   * @param {boolean} [wasDense] true if the picture before this one was dense
   */
  constructor(viewport, wasDense = false) {
    this.line = new LinePath(viewport);
    this.wasDense = wasDense;
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
      if (isAfterGap || column !== this.#column || isWide) this.#endColumn();
      if (isAfterGap) this.#isAfterGap = true;
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

  /** Draw all columns. */
  finish() {
    this.#endColumn();
    const columns = this.#columns;
    const maxReadings = this.wasDense ? MAX_READINGS_AFTER_BAND : MAX_READINGS_OF_LINE;
    this.isDense = this.#readingCount > maxReadings * columns.length;
    if (!this.isDense) {
      this.#drawExtremes();
      return;
    }
    let first = 0;
    for (let i = 0; i < columns.length; i++) {
      const { time, mean, isAfterGap } = columns[i];
      if (isAfterGap) {
        this.#drawBand(first, i);
        this.line.breakLine();
        first = i;
      }
      this.line.addPoint(time, mean, Infinity);
    }
    this.line.breakLine();
    this.#drawBand(first, columns.length);
  }

  #endColumn() {
    if (!this.#count) return;
    this.#columns.push({
      time: this.#time,
      min: this.#min,
      max: this.#max,
      mean: this.#sum / this.#count,
      isAfterGap: this.#isAfterGap,
    });
    this.#readingCount += this.#count;
    [this.#min, this.#max, this.#sum, this.#count] = [Infinity, -Infinity, 0, 0];
    this.#isAfterGap = false;
  }

  /** Draw a line through both extremes of each column, the one nearer to the line's end first. */
  #drawExtremes() {
    const { line } = this;
    let last = NaN;
    for (const { time, min, max, mean, isAfterGap } of this.#columns) {
      if (isAfterGap) line.breakLine();
      const isFalling = isAfterGap ? mean > min / 2 + max / 2 : last > min / 2 + max / 2;
      const [first, second] = isFalling ? [max, min] : [min, max];
      line.addPoint(time, first, Infinity);
      if (first !== second) line.addPoint(time, second, Infinity);
      last = second;
    }
    line.breakLine();
  }

  /**
   * Draw the band of some columns without a gap between them.
   *
   * @param {number} start
   * @param {number} end index after the last one
   */
  #drawBand(start, end) {
    if (start === end) return;
    const { line, band } = this;
    const columns = this.#columns;
    band.moveTo(line.xOf(columns[start].time), line.yOf(columns[start].max));
    for (let i = start + 1; i < end; i++) {
      band.lineTo(line.xOf(columns[i].time), line.yOf(columns[i].max));
    }
    for (let i = end - 1; i >= start; i--) {
      band.lineTo(line.xOf(columns[i].time), line.yOf(columns[i].min));
    }
    band.closePath();
  }
}
