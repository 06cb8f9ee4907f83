import { formatCount, formatDuration, formatWithUnit } from "../../format.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {Pick<Series, "name" | "unit" | "summary">} NamedSeries */

/**
 * Describe in sentences what a chart shows, for screen readers.
 *
 * @param {NamedSeries[]} all
 * @param {{ from: number, to: number, span: number, live: boolean }} view seconds
 * @param {import("../../format.js").TimeFormat} format
 * @returns {string}
 */
export function describeChart(all, { from, to, span, live }, format) {
  const range = live ? `The last ${formatDuration(span)}` : format.range(from, to);
  return [`${range}.`, ...all.map((series) => describeSeries(series, from, to))].join(" ");
}

/**
 * @param {NamedSeries} series
 * @param {number} from seconds
 * @param {number} to seconds
 */
function describeSeries(series, from, to) {
  const { name, unit } = series;
  const summary = series.summary(from, to);
  if (!summary) return `${name}: no readings.`;
  const values = [summary.min, summary.mean, summary.max];
  const [min, mean, max] = values.map((value) => formatWithUnit(value, unit));
  const readings = `${formatCount(summary.count)} ${summary.count === 1 ? "reading" : "readings"}`;
  return `${name}: ${readings} from ${min} to ${max}, mean ${mean}.`;
}
