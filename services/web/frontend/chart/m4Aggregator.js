/** @typedef {import("./linePath.js").LinePath} Pen */

/**
 * Draws readings that are closer than pixels: of each column the first, the lowest, the highest
 * and the last, at their own times, which paints what all of them would. Columns are aligned to
 * the epoch, so they don't shimmer while the window moves.
 */
export class M4Aggregator {
  #column = NaN;
  #first = { time: 0, value: 0 };
  #low = { time: 0, value: 0 };
  #high = { time: 0, value: 0 };
  #last = { time: -Infinity, value: 0 };

  /**
   * @param {Pen} pen
   * @param {number} width seconds of a column
   */
  constructor(pen, width) {
    this.pen = pen;
    this.width = width;
  }

  /**
   * @param {number} time
   * @param {number} value
   * @param {number} gap seconds without a reading that break the line
   */
  add(time, value, gap) {
    const column = Math.floor(time / this.width);
    const breaks = time - this.#last.time > gap;
    if (column !== this.#column || breaks) {
      this.flush(this.pen);
      if (breaks) this.pen.breakLine();
      this.#column = column;
      set(this.#first, time, value);
      set(this.#low, time, value);
      set(this.#high, time, value);
    } else if (value < this.#low.value) {
      set(this.#low, time, value);
    } else if (value > this.#high.value) {
      set(this.#high, time, value);
    }
    set(this.#last, time, value);
  }

  /** Draw the column that is still open. @param {Pen} pen */
  flush(pen) {
    if (Number.isNaN(this.#column)) return;
    const rising = this.#low.time <= this.#high.time;
    let drawn = -Infinity;
    for (const { time, value } of [
      this.#first,
      rising ? this.#low : this.#high,
      rising ? this.#high : this.#low,
      this.#last,
    ]) {
      if (time <= drawn) continue;
      pen.add(time, value, Infinity);
      drawn = time;
    }
  }
}

/** @param {{ time: number, value: number }} point @param {number} time @param {number} value */
function set(point, time, value) {
  point.time = time;
  point.value = value;
}
