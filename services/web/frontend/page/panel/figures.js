import { formatCount, formatSeriesMean, formatSeriesParts, formatSeriesValue } from "../../format.js";
import { hasMean } from "../../store/kinds.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {{ label: string, value: string }} Stat */
/** @typedef {{ value: number, min?: number, max?: number }} ShownReading with extremes of a bucket */
/**
 * Texts of a series in the legend and in the description of a panel.
 *
 * @typedef {object} Figures
 * @property {(series: Series) => Series} [sourceOf]
 *   returns the series whose newest value is shown, if it is another one
 * @property {(series: Series, reading: ShownReading) => { number: string, unit: string }} parts
 *   returns the text of a reading or of a bucket, and its unit
 * @property {(now: number) => number} versionAt
 *   returns a number that changes when statistics change without a new reading
 * @property {(series: Series, from: number, to: number, now: number) => Stat[]} stats
 *   returns statistics of a range
 * @property {(series: Series, from: number, to: number, now: number) => string} sentence
 *   returns a description of a range, without the name and a full stop
 */

/** Texts for measures and counters. @type {Figures} */
export const MEASURE_FIGURES = {
  parts: (series, { value }) => formatSeriesParts(series, value),

  versionAt: () => 0,

  stats(series, from, to) {
    const summary = series.summary(from, to);
    if (!summary) return [];
    const [min, max] = [summary.min, summary.max].map((value) => formatSeriesValue(series, value));
    const mean = { label: "mean", value: formatSeriesMean(series, summary.mean) };
    return [
      { label: "min", value: min },
      ...(hasMean(series) ? [mean] : []),
      { label: "max", value: max },
    ];
  },

  sentence(series, from, to) {
    const summary = series.summary(from, to);
    if (!summary) return "no readings";
    const [min, max] = [summary.min, summary.max].map((value) => formatSeriesValue(series, value));
    const noun = summary.count === 1 ? "reading" : "readings";
    const mean = hasMean(series) ? `, mean ${formatSeriesMean(series, summary.mean)}` : "";
    return `${formatCount(summary.count)} ${noun} from ${min} to ${max}${mean}`;
  },
};
