import { niceRange } from "./niceRange.js";

/** @typedef {import("../store/series.js").Series} Series */
/** @typedef {{ from: number, to: number }} Window seconds */

const LABEL_HEIGHT = 36;
const MOST_STEPS = 8;
/** Seconds after which the value axis is fitted to what is in the window by now. */
const REFIT = 0.25;

/** Fits the value axis to what is in the window: now and then, and at once for what is beyond. */
export class ValueRangeFitter {
  /** Readings in the window. */
  readingCount = 0;
  #at = -Infinity;
  #key = "";

  /** @param {import("./scales.js").ValueScale} axis */
  constructor(axis) {
    this.axis = axis;
  }

  /**
   * Whether it is time to look again.
   *
   * @param {Window} window
   * @param {Series[]} series
   * @param {number} now seconds
   */
  isDue(window, series, now) {
    const age = now - this.#at;
    return (age < 0 || age >= REFIT) && this.#key !== keyOf(window, series);
  }

  /**
   * Look at what is in the window, if it is time to, or `anew`.
   *
   * @param {Window} window
   * @param {Series[]} series
   * @param {number} now seconds
   * @param {boolean} anew
   * @returns {boolean} whether the axis is another one
   */
  refresh(window, series, now, anew) {
    if (!anew && !this.#isBeyond(window, series) && !this.isDue(window, series, now)) return false;
    this.#at = now;
    this.#key = keyOf(window, series);
    let [low, high] = [Infinity, -Infinity];
    this.readingCount = 0;
    for (const one of series) {
      const summary = one.summary(window.from, window.to);
      if (!summary) continue;
      low = Math.min(low, summary.min);
      high = Math.max(high, summary.max);
      this.readingCount += summary.count;
    }
    if (low > high) return false;
    const { range, chart } = this.axis;
    const room = Math.floor((chart.chartArea?.height ?? 0) / LABEL_HEIGHT);
    this.axis.range = niceRange(range, low, high, Math.min(MOST_STEPS, Math.max(2, room)));
    return this.axis.range !== range;
  }

  /** Whether a newest reading is in the window, but not on the axis. */
  #isBeyond(/** @type {Window} */ { from, to }, /** @type {Series[]} */ series) {
    const { range } = this.axis;
    return series.some(({ newest: last }) => {
      const seen = last && last.time >= from && last.time <= to;
      return seen && range && (last.value < range.min || last.value > range.max);
    });
  }
}

/** @param {Window} window @param {Series[]} series */
function keyOf({ from, to }, series) {
  return `${from} ${to} ${series.reduce((sum, { revision }) => sum + revision, 0)}`;
}
