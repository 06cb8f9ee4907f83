import { formatDuration, MIN_AHEAD_SECONDS } from "../../format.js";
import { MEASURE_FIGURES } from "./figures.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {{ series: Series, label: string }} DescribedSeries */

/**
 * Describe in sentences what a chart shows, for screen readers.
 *
 * @param {DescribedSeries[]} all
 * @param {{ from: number, to: number, now: number, live: boolean }} view seconds
 * @param {import("../../format.js").TimeFormat} format
 * @param {import("./figures.js").Figures} [figures]
 * @returns {string}
 */
export function describeChart(all, view, format, figures = MEASURE_FIGURES) {
  const { from, to, now, live } = view;
  const range = live ? liveRange(from, now, to) : format.range(from, to);
  // A paused window is about the time at its end.
  const end = live ? now : Math.min(to, now);
  const sentences = all.map(
    ({ series, label }) => `${label}: ${figures.sentence(series, from, to, end)}.`,
  );
  return [`${range}.`, ...sentences].join(" ");
}

/**
 * Describe a live window, which continues after now if the clock of a sender is ahead.
 *
 * @param {number} from seconds
 * @param {number} now seconds
 * @param {number} to seconds
 */
function liveRange(from, now, to) {
  const text = `The last ${formatDuration(now - from)}`;
  const aheadSeconds = to - now;
  if (aheadSeconds < MIN_AHEAD_SECONDS) return text;
  return `${text} and ${formatDuration(aheadSeconds)} ahead`;
}

/**
 * Return a text that changes with the window and with loaded history, but not as time passes.
 *
 * @param {import("../../view/timeRange.js").TimeRange} range
 * @param {Pick<Series, "historyVersion">[]} series
 */
export function describedKey(range, series) {
  const version = series.reduce((sum, { historyVersion }) => sum + historyVersion, 0);
  return `${JSON.stringify(range)} ${version}`;
}
