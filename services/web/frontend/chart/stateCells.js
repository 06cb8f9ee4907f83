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
  /** The last value; NaN if it is not known. */
  #heldValue = NaN;
  #historyVersion = -1;
  #readingsVersion = -1;
  /** Number of all readings, also dropped ones, that the cells include. */
  #nextIndex = 0;

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
    if (isCovered && isSameZoom && (!this.isOutdated || this.#isRepeated())) return;
    const margin = (to - from) * MARGIN_SHARE;
    this.#from = from - margin;
    this.#to = Math.min(to + margin, now);
    this.#columnSeconds = columnSeconds;
    this.#revision = this.series.revision;
    const runs = stateRuns(this.series, this.#from, this.#to, columnSeconds);
    this.all = mergeRuns(runs, columnSeconds);
    const last = runs.at(-1);
    this.#isOpen = this.#to === now && last?.to === now;
    this.#heldValue = last && last.min === last.max ? last.min : NaN;
    const { historyVersion, readings } = this.series;
    this.#historyVersion = historyVersion;
    this.#readingsVersion = readings.version;
    this.#nextIndex = readings.dropped + readings.length;
  }

  /**
   * Return true if new readings only repeat the value that is held, as most readings of states do.
   * Then the cells stay as they are.
   */
  #isRepeated() {
    const { historyVersion, readings, revision } = this.series;
    const { mean, start, end, dropped } = readings;
    const first = this.#nextIndex - dropped + start;
    const isAppended =
      historyVersion === this.#historyVersion && readings.version === this.#readingsVersion;
    if (!isAppended || !this.#isOpen || first < start) return false;
    for (let i = first; i < end; i++) if (mean[i] !== this.#heldValue) return false;
    this.#nextIndex = dropped + end - start;
    this.#revision = revision;
    return true;
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
