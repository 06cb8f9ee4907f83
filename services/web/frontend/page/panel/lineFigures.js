import { formatSeriesValue } from "../../format.js";
import { MEASURE_FIGURES } from "./figures.js";
import { STATE_FIGURES } from "./stateFigures.js";

/** @typedef {import("../../store/series.js").Series} Series */

/** @param {Series} series */
const figuresOf = ({ kind }) => (kind === "state" ? STATE_FIGURES : MEASURE_FIGURES);

/**
 * Texts of a panel with lines, of which some may be states.
 *
 * @type {import("./figures.js").Figures}
 */
export const LINE_FIGURES = {
  parts: (series, value) => figuresOf(series).parts(series, value),
  versionAt: Math.floor,
  stats: (series, ...range) => figuresOf(series).stats(series, ...range),
  sentence: (series, ...range) => figuresOf(series).sentence(series, ...range),
};

/**
 * Texts of a panel with one big number: the change over the window, and its extremes.
 *
 * @type {import("./figures.js").Figures}
 */
export const TREND_FIGURES = {
  ...LINE_FIGURES,

  stats(series, from, to, now) {
    const stats = LINE_FIGURES.stats(series, from, to, now);
    const trend = series.kind === "state" ? null : trendText(series, from, to);
    return trend === null ? stats : [{ label: "change", value: trend }, ...stats];
  },
};

/**
 * Return the change from the first to the last reading of a range: "+1.2 °C".
 *
 * @param {Series} series
 * @param {number} from seconds
 * @param {number} to seconds
 */
function trendText(series, from, to) {
  const { segments } = series.selectSegments(from, to, (to - from) / 1_000);
  const filled = segments.filter(({ start, end }) => end > start);
  const [first, last] = [filled[0], filled.at(-1)];
  if (!first || !last) return null;
  const change = last.source.mean[last.end - 1] - first.source.mean[first.start];
  return `${change > 0 ? "+" : ""}${formatSeriesValue(series, change)}`;
}
