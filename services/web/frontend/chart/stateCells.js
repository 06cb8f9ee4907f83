import { stateRuns } from "../store/heldValues.js";
import { mergeRuns } from "./laneGeometry.js";

/** @typedef {import("../store/heldValues.js").Run} Run */
/** @typedef {import("../store/series.js").Series} Series */

/** Share of the window that the cells extend beyond each side, so that they can slide. */
const MARGIN_SHARE = 0.25;

/** The values of a state around the window, to be drawn. The last one is held until now. */
export class StateCells {
  /** Ascending in time. @type {Run[]} */
  all = [];
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
   * @param {import("./viewport.js").Viewport} viewport
   * @param {number} now seconds; Infinity for the compared time, which reaches into the future
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
    this.all = mergeRuns(runs, columnSeconds);
    this.#isOpen = this.#to === now && runs.at(-1)?.to === now;
  }

  /**
   * Return the end of a cell in seconds.
   *
   * @param {number} index
   * @param {number} now seconds
   */
  endOf(index, now) {
    return this.#isOpen && index === this.all.length - 1 ? now : this.all[index].to;
  }
}
