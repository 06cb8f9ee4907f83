import { StateCells } from "./stateCells.js";

/** @typedef {import("../store/series.js").Series} Series */
/** @typedef {import("./viewport.js").Viewport} Viewport */

/** The steps of a state on a value axis. The last value is held until now. */
export class StepPath {
  #cells;

  /** @param {Series} series */
  constructor(series) {
    this.series = series;
    this.#cells = new StateCells(series);
  }

  /** True if the series has changed since the last update. */
  get isOutdated() {
    return this.#cells.isOutdated;
  }

  /**
   * @param {Viewport} viewport
   * @param {number} now seconds
   */
  update(viewport, now) {
    this.#cells.update(viewport, now);
  }

  /**
   * @param {CanvasRenderingContext2D} ctx
   * @param {import("./stripController.js").CurrentFrame} frame
   * @param {import("./stripController.js").LineStyle} style
   */
  paint(ctx, { viewport, now }, { color, dash, width }) {
    const { from, left, bottom, min, pixelsPerSecond, pixelsPerUnit } = viewport;
    ctx.strokeStyle = color;
    ctx.lineWidth = width;
    ctx.setLineDash(dash);
    ctx.beginPath();
    let endBefore = NaN;
    const cells = this.#cells.all;
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i];
      const end = this.#cells.endOf(i, now);
      const [start, stop] = [cell.from, end].map((t) => left + (t - from) * pixelsPerSecond);
      const [low, high] = [cell.min, cell.max].map((v) => bottom - (v - min) * pixelsPerUnit);
      if (cell.from === endBefore) ctx.lineTo(start, low);
      else ctx.moveTo(start, low);
      // A merged cell covers all of its values.
      if (high !== low) ctx.lineTo(start, high);
      ctx.lineTo(stop, high);
      endBefore = cell.to;
    }
    ctx.stroke();
  }
}
