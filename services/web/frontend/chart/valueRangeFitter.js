import { summarizeStates } from "../store/heldValues.js";
import { fitAxis } from "./axisRange.js";

/** @typedef {import("../store/series.js").Series} Series */
/** @typedef {{ from: number, to: number }} TimeWindow seconds */

/** Seconds between two fits of the axis to the readings in the window. */
const REFIT_SECONDS = 0.25;

/**
 * Fits the value axis to the readings in the window, a few times per second. A new reading beyond
 * the axis is fitted at once.
 */
export class ValueRangeFitter {
  /** Number of readings in the window. */
  readingCount = 0;
  /** True if the window has values that the axis can't show. */
  hasLeftOut = false;
  #fittedAt = -Infinity;
  #fittedKey = "";

  /**
   * @param {import("./scales.js").ValueScale} axis
   * @param {import("./axisRange.js").AxisOptions} [options]
   */
  constructor(axis, options) {
    this.axis = axis;
    this.options = options;
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
      const summary = summarize(one, window, now);
      if (!summary) continue;
      min = Math.min(min, summary.min);
      max = Math.max(max, summary.max);
      this.readingCount += summary.count;
    }
    if (min > max) return false;
    const { range, chart } = this.axis;
    this.hasLeftOut = this.options?.scale === "log" && min <= 0;
    this.axis.range = fitAxis(range, min, max, chart.chartArea?.height ?? 0, this.options);
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
    // Only an axis that follows the readings can be fitted to them.
    if (this.options) return false;
    return series.some(({ newest }) => {
      const isInWindow = newest && newest.time >= from && newest.time <= to;
      return isInWindow && range && (newest.value < range.min || newest.value > range.max);
    });
  }
}

/**
 * Return the extremes in the window; of a line that crosses it without a reading, those beside it.
 *
 * @param {Series} series
 * @param {TimeWindow} window
 * @param {number} now seconds
 * @returns {{ min: number, max: number, count: number } | null}
 */
function summarize(series, { from, to }, now) {
  if (series.kind === "state") {
    const values = [...(summarizeStates(series, from, Math.min(to, now))?.shares.keys() ?? [])];
    const count = values.length;
    return count ? { min: Math.min(...values), max: Math.max(...values), count } : null;
  }
  const summary = series.summary(from, to);
  if (summary) return summary;
  const { segments } = series.selectSegments(from, to, (to - from) / 1_000);
  const [first, last] = [segments[0], segments.at(-1)];
  if (!first || !last || first.start >= first.end || last.start >= last.end) return null;
  const [before, after] = [first.source.t[first.start], last.source.t[last.end - 1]];
  const isCrossing = before < from && after > to && after - before <= last.source.gapSeconds;
  if (!isCrossing) return null;
  const values = [first.source.mean[first.start], last.source.mean[last.end - 1]];
  return { min: Math.min(...values), max: Math.max(...values), count: 1 };
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
