import {
  formatCount,
  formatReading,
  formatSeriesMean,
  formatSeriesValue,
  joinParts,
} from "../../format.js";
import { hasMean } from "../../store/kinds.js";
import { shownReading } from "../../store/shownReading.js";
import { figuresOf } from "../panel/lineFigures.js";
import { STATE_FIGURES, stateWords } from "../panel/stateFigures.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {import("../../store/shownReading.js").ShownWindow} ShownWindow */
/** @typedef {import("../readingRows.js").ReadingRow} ReadingRow */
/**
 * @typedef {{ text: string, title?: string }} CellText the title has all digits that were sent, if
 *   they are more
 */

/** For what a series does not have. */
export const NONE = "–";
/** Titles of the columns of the table of series, after the name. */
export const SERIES_TITLES = ["Last", "Min", "Mean", "Max", "States", "Readings"];

/**
 * Return the texts of a series in a window, one for each of `SERIES_TITLES`.
 *
 * A state has shares of the time, because it holds its value between readings. A counter has no
 * mean.
 *
 * @param {Series} series
 * @param {ShownWindow & { now: number }} view seconds
 * @returns {string[]}
 */
export function seriesCells(series, view) {
  const { from, to } = view;
  const last = shownReading(series, view);
  const summary = series.summary(from, to);
  const count = formatCount(summary?.count ?? 0);
  const lastText = last ? joinParts(figuresOf(series).parts(series, last)) : NONE;
  if (series.kind === "state") {
    return [lastText, NONE, NONE, NONE, stateShares(series, view) || NONE, count];
  }
  const format = (/** @type {number | undefined} */ value) =>
    value === undefined ? NONE : formatSeriesValue(series, value);
  const mean = summary && hasMean(series) ? formatSeriesMean(series, summary.mean) : NONE;
  return [lastText, format(summary?.min), mean, format(summary?.max), NONE, count];
}

/**
 * @param {Series} series
 * @param {ShownWindow & { now: number }} view seconds
 */
function stateShares(series, { from, to, now, live }) {
  const stats = STATE_FIGURES.stats(series, from, to, live ? now : Math.min(to, now));
  const shares = stats.filter(({ label }) => label !== "for");
  return shares.map(({ label, value }) => `${label} ${value}`).join(", ");
}

/**
 * Return the title of the column with the values of rows, and true if they have ranges.
 *
 * @param {{ series: Series, bucketSeconds: number }[]} rows
 */
export function valueColumn(rows) {
  const buckets = rows.filter(({ bucketSeconds }) => bucketSeconds);
  const means = buckets.filter(({ series }) => series.kind === "measure").length;
  const title = means ? (means < rows.length ? "Value or mean" : "Mean") : "Value";
  return { title, hasRanges: buckets.length > 0 };
}

/**
 * Return the value of a reading, or the mean and the range of a bucket.
 *
 * The mean of the readings of a state or a counter says nothing.
 *
 * @param {Series} series
 * @param {Pick<ReadingRow, "value" | "min" | "max" | "bucketSeconds">} row
 * @returns {[value: CellText, range: CellText]}
 */
export function readingCells(series, { value, min, max, bucketSeconds }) {
  const text = formatSeriesValue(series, value);
  const exact = formatReading(series, value);
  if (!bucketSeconds) return [exact === text ? { text } : { text, title: exact }, { text: "" }];
  const [low, high] = [min, max].map((end) => formatSeriesValue(series, end));
  if (series.kind === "state") {
    const words = stateWords(series, min, max);
    return min === max ? [{ text: words }, { text: "" }] : [{ text: NONE }, { text: words }];
  }
  const mean = hasMean(series) ? formatSeriesMean(series, value) : NONE;
  return [{ text: mean }, { text: `${low} to ${high}` }];
}
