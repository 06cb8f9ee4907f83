import { formatCount, formatDuration, formatWithUnit } from "../../format.js";

/** @typedef {Pick<import("../../store/series.js").Series, "name" | "unit" | "summary">} Described */

/**
 * What a chart shows, in sentences.
 *
 * @param {Described[]} all
 * @param {{ from: number, to: number, span: number, live: boolean }} view seconds
 * @param {import("../../format.js").TimeFormat} format
 * @returns {string}
 */
export function describe(all, { from, to, span, live }, format) {
  const range = live ? `The last ${formatDuration(span)}` : format.range(from, to);
  return [`${range}.`, ...all.map((series) => sentenceOf(series, from, to))].join(" ");
}

/**
 * @param {Described} series
 * @param {number} from
 * @param {number} to
 */
function sentenceOf(series, from, to) {
  const { name, unit } = series;
  const found = series.summary(from, to);
  if (!found) return `${name}: no readings.`;
  const [min, mean, max] = [found.min, found.mean, found.max].map((value) => formatWithUnit(value, unit));
  const count = `${formatCount(found.count)} ${found.count === 1 ? "reading" : "readings"}`;
  return `${name}: ${count} from ${min} to ${max}, ${mean} in the mean.`;
}
