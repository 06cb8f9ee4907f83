/** @typedef {import("./linePath.js").LinePath} LinePath */

/**
 * Reduces dense readings before they are drawn, by M4 aggregation.
 *
 * M4 keeps four points of each pixel column: the first, the lowest, the highest and the last, at
 * their own times. A line through them paints the same pixels as a line through all readings.
 * Columns are aligned to the epoch, so the line does not flicker while the window slides.
 */
export class M4Aggregator {
  #column = NaN;
  #first = { time: 0, value: 0 };
  #min = { time: 0, value: 0 };
  #max = { time: 0, value: 0 };
  #last = { time: -Infinity, value: 0 };

  /**
   * @param {LinePath} line
   * @param {number} columnSeconds seconds of a pixel column
   */
  constructor(line, columnSeconds) {
    this.line = line;
    this.columnSeconds = columnSeconds;
  }

  /**
   * Add a reading, and draw the column before it once that is complete.
   *
   * @param {number} time
   * @param {number} value
   * @param {number} gapSeconds seconds without a reading that break the line
   */
  addPoint(time, value, gapSeconds) {
    const column = Math.floor(time / this.columnSeconds);
    const isAfterGap = time - this.#last.time > gapSeconds;
    if (column !== this.#column || isAfterGap) {
      this.drawColumn(this.line);
      if (isAfterGap) this.line.breakLine();
      this.#column = column;
      setPoint(this.#first, time, value);
      setPoint(this.#min, time, value);
      setPoint(this.#max, time, value);
    } else if (value < this.#min.value) {
      setPoint(this.#min, time, value);
    } else if (value > this.#max.value) {
      setPoint(this.#max, time, value);
    }
    setPoint(this.#last, time, value);
  }

  /**
   * Draw the current column, which may still receive readings.
   *
   * @param {LinePath} line
   */
  drawColumn(line) {
    if (Number.isNaN(this.#column)) return;
    const isRising = this.#min.time <= this.#max.time;
    let lastTime = -Infinity;
    for (const { time, value } of [
      this.#first,
      isRising ? this.#min : this.#max,
      isRising ? this.#max : this.#min,
      this.#last,
    ]) {
      if (time <= lastTime) continue;
      line.addPoint(time, value, Infinity);
      lastTime = time;
    }
  }
}

/**
 * @param {{ time: number, value: number }} point
 * @param {number} time
 * @param {number} value
 */
function setPoint(point, time, value) {
  point.time = time;
  point.value = value;
}
