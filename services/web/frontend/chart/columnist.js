/** @typedef {import("./pen.js").Pen} Pen */

/**
 * Draws readings that are closer than pixels: of each column its lowest and its highest, at their
 * own times. Columns are aligned to the epoch, so they don't shimmer while the window moves.
 */
export class Columnist {
  #column = NaN;
  #lowTime = 0;
  #low = 0;
  #highTime = 0;
  #high = 0;
  /** The newest reading taken; -Infinity before the first, and after a gap. */
  last = -Infinity;

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
    if (column !== this.#column || time - this.last > gap) {
      this.flush(this.pen);
      if (time - this.last > gap) this.pen.lift();
      this.#column = column;
      this.#lowTime = this.#highTime = time;
      this.#low = this.#high = value;
    } else if (value < this.#low) {
      this.#low = value;
      this.#lowTime = time;
    } else if (value > this.#high) {
      this.#high = value;
      this.#highTime = time;
    }
    this.last = time;
  }

  /** Draw the column that is still open. @param {Pen} pen */
  flush(pen) {
    if (Number.isNaN(this.#column)) return;
    const lowFirst = this.#lowTime <= this.#highTime;
    if (lowFirst) pen.add(this.#lowTime, this.#low, Infinity);
    if (this.#highTime !== this.#lowTime) pen.add(this.#highTime, this.#high, Infinity);
    if (!lowFirst) pen.add(this.#lowTime, this.#low, Infinity);
  }
}
