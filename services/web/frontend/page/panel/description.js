import { formatCount, formatDuration, formatSeriesMean, formatSeriesValue } from "../../format.js";
import { hasMean } from "../../store/kinds.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {{ series: Series, label: string }} DescribedSeries */

/**
 * Describe in sentences what a chart shows, for screen readers.
 *
 * @param {DescribedSeries[]} all
 * @param {{ from: number, to: number, span: number, live: boolean }} view seconds
 * @param {import("../../format.js").TimeFormat} format
 * @returns {string}
 */
export function describeChart(all, { from, to, span, live }, format) {
  const range = live ? `The last ${formatDuration(span)}` : format.range(from, to);
  return [`${range}.`, ...all.map((one) => describeSeries(one, from, to))].join(" ");
}

/**
 * @param {DescribedSeries} described
 * @param {number} from seconds
 * @param {number} to seconds
 */
function describeSeries({ series, label }, from, to) {
  const summary = series.summary(from, to);
  if (!summary) return `${label}: no readings.`;
  const [min, max] = [summary.min, summary.max].map((value) => formatSeriesValue(series, value));
  const readings = `${formatCount(summary.count)} ${summary.count === 1 ? "reading" : "readings"}`;
  const mean = hasMean(series) ? `, mean ${formatSeriesMean(series, summary.mean)}` : "";
  return `${label}: ${readings} from ${min} to ${max}${mean}.`;
}
