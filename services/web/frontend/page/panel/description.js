import { formatDuration } from "../../format.js";
import { MEASURE_FIGURES } from "./figures.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {{ series: Series, label: string }} DescribedSeries */

/**
 * Describe in sentences what a chart shows, for screen readers.
 *
 * @param {DescribedSeries[]} all
 * @param {{ from: number, to: number, now: number, span: number, live: boolean }} view seconds
 * @param {import("../../format.js").TimeFormat} format
 * @param {import("./figures.js").Figures} [figures]
 * @returns {string}
 */
export function describeChart(all, view, format, figures = MEASURE_FIGURES) {
  const { from, to, now, span, live } = view;
  const range = live ? `The last ${formatDuration(span)}` : format.range(from, to);
  const sentences = all.map(
    ({ series, label }) => `${label}: ${figures.sentence(series, from, to, now)}.`,
  );
  return [`${range}.`, ...sentences].join(" ");
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
