import { niceRange } from "./niceRange.js";

/** @typedef {import("../store/series.js").Series} Series */
/** @typedef {{ from: number, to: number }} TimeWindow seconds */

/** Pixels of height for each label. */
const LABEL_HEIGHT = 36;
const MAX_STEPS = 8;
/** Seconds between two fits of the axis to the readings in the window. */
const REFIT_SECONDS = 0.25;

/**
 * Fits the value axis to the readings in the window, a few times per second. A new reading beyond
 * the axis is fitted at once.
 */
export class ValueRangeFitter {
  /** Number of readings in the window. */
  readingCount = 0;
  #fittedAt = -Infinity;
  #fittedKey = "";

  /** @param {import("./scales.js").ValueScale} axis */
  constructor(axis) {
    this.axis = axis;
  }

  /**
   * Return true if the axis should be fitted again.
   *
   * @param {TimeWindow} window
   * @param {Series[]} series
   * @param {number} now seconds
   */
  isDue(window, series, now) {
    const age = now - this.#fittedAt;
    return (age < 0 || age >= REFIT_SECONDS) && this.#fittedKey !== keyOf(window, series);
  }

  /**
   * Fit the axis if it is due, or in any case with `force`.
   *
   * @param {TimeWindow} window
   * @param {Series[]} series
   * @param {number} now seconds
   * @param {boolean} force
   * @returns {boolean} true if the range of the axis has changed
   */
  refresh(window, series, now, force) {
    const isNeeded = force || this.#isBeyondAxis(window, series) || this.isDue(window, series, now);
    if (!isNeeded) return false;
    this.#fittedAt = now;
    this.#fittedKey = keyOf(window, series);
    let [min, max] = [Infinity, -Infinity];
    this.readingCount = 0;
    for (const one of series) {
      const summary = one.summary(window.from, window.to);
      if (!summary) continue;
      min = Math.min(min, summary.min);
      max = Math.max(max, summary.max);
      this.readingCount += summary.count;
    }
    if (min > max) return false;
    const { range, chart } = this.axis;
    const labelCount = Math.floor((chart.chartArea?.height ?? 0) / LABEL_HEIGHT);
    const maxSteps = Math.min(MAX_STEPS, Math.max(2, labelCount));
    this.axis.range = niceRange(range, min, max, maxSteps);
    return this.axis.range !== range;
  }

  /**
   * Return true if the newest reading of a series is in the window but not on the axis.
   *
   * @param {TimeWindow} window
   * @param {Series[]} series
   */
  #isBeyondAxis({ from, to }, series) {
    const { range } = this.axis;
    return series.some(({ newest }) => {
      const isInWindow = newest && newest.time >= from && newest.time <= to;
      return isInWindow && range && (newest.value < range.min || newest.value > range.max);
    });
  }
}

/**
 * Return a key that changes with the window and with each change of a series.
 *
 * @param {TimeWindow} window
 * @param {Series[]} series
 */
function keyOf({ from, to }, series) {
  return `${from} ${to} ${series.reduce((sum, { revision }) => sum + revision, 0)}`;
}
