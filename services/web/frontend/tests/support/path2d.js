/** Path2D that records its commands in order. */
export class FakePath2D {
  /** @param {FakePath2D} [other] */
  constructor(other) {
    /** @type {[string, number?, number?][]} */
    this.commands = other ? [...other.commands] : [];
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  moveTo(x, y) {
    this.commands.push(["move", x, y]);
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  lineTo(x, y) {
    this.commands.push(["line", x, y]);
  }

  closePath() {
    this.commands.push(["close"]);
  }
}

/** @type {any} */ (globalThis).Path2D = FakePath2D;
