import { stateRuns } from "../store/heldValues.js";
import { mergeRuns } from "./laneGeometry.js";

/** @typedef {import("../store/heldValues.js").Run} Run */
/** @typedef {import("../store/series.js").Series} Series */
/** @typedef {import("./viewport.js").Viewport} Viewport */

/** Share of the window that the steps extend beyond each side, so that they can slide. */
const MARGIN_SHARE = 0.25;

/** The steps of a state on a value axis. The last value is held until now. */
export class StepPath {
  /** @type {Run[]} */
  #cells = [];
  #from = 0;
  #to = 0;
  #columnSeconds = 0;
  #revision = -1;
  /** True if the last value is still held. */
  #isOpen = false;

  /** @param {Series} series */
  constructor(series) {
    this.series = series;
  }

  /** True if the series has changed since the last update. */
  get isOutdated() {
    return this.series.revision !== this.#revision;
  }

  /**
   * @param {Viewport} viewport
   * @param {number} now seconds
   */
  update({ from, to, columnSeconds }, now) {
    const end = this.#isOpen ? Infinity : this.#to;
    const isCovered = from >= this.#from && Math.min(to, now) <= end;
    const isSameZoom = Math.abs(columnSeconds / this.#columnSeconds - 1) < 1e-9;
    if (isCovered && isSameZoom && !this.isOutdated) return;
    const margin = (to - from) * MARGIN_SHARE;
    this.#from = from - margin;
    this.#to = Math.min(to + margin, now);
    this.#columnSeconds = columnSeconds;
    this.#revision = this.series.revision;
    const runs = stateRuns(this.series, this.#from, this.#to, columnSeconds);
    this.#cells = mergeRuns(runs, columnSeconds);
    this.#isOpen = this.#to === now && runs.at(-1)?.to === now;
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
    const last = this.#cells.length - 1;
    for (let i = 0; i <= last; i++) {
      const cell = this.#cells[i];
      const end = i === last && this.#isOpen ? now : cell.to;
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
