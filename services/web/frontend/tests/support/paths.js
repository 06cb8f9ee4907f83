/** What a canvas would be told, in the order it is told. */
export class FakePath {
  /** @param {FakePath} [other] */
  constructor(other) {
    /** @type {[string, number?, number?][]} */
    this.told = other ? [...other.told] : [];
  }

  /** @param {number} x @param {number} y */
  moveTo(x, y) {
    this.told.push(["move", x, y]);
  }

  /** @param {number} x @param {number} y */
  lineTo(x, y) {
    this.told.push(["line", x, y]);
  }

  closePath() {
    this.told.push(["close"]);
  }
}

/** @type {any} */ (globalThis).Path2D = FakePath;
