import { formatSeriesValue } from "../../format.js";
import { lowerBound } from "../../store/sortedTimes.js";
import { MEASURE_FIGURES } from "./figures.js";
import { STATE_FIGURES } from "./stateFigures.js";

/** @typedef {import("../../store/series.js").Series} Series */

/** A counter below this share of its value before has begun again at zero, as on the server. */
const RESTART_SHARE = 0.9;

/**
 * Return the texts for a series of a panel with lines.
 *
 * @param {Series} series
 */
export const figuresOf = ({ kind }) => (kind === "state" ? STATE_FIGURES : MEASURE_FIGURES);

/**
 * Texts of a panel with lines, of which some may be states.
 *
 * @type {import("./figures.js").Figures}
 */
export const LINE_FIGURES = {
  parts: (series, reading) => figuresOf(series).parts(series, reading),
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
 * Return the change from the first to the last reading of a range, "+1.2 °C", or null without any;
 * of a counter the increase, also where it begins again.
 *
 * @param {Series} series
 * @param {number} from seconds
 * @param {number} to seconds
 */
function trendText(series, from, to) {
  const { segments } = series.selectSegments(from, to, (to - from) / 1_000);
  const isCounter = series.kind === "counter";
  /** @type {number | null} */
  let first = null;
  let [last, lost] = [0, 0];
  for (const { source, start, end } of segments) {
    const { t, mean } = source;
    // The line continues to readings outside of the range, which do not count.
    for (let i = lowerBound(t, from, start, end); i < end && t[i] <= to; i++) {
      if (isCounter && mean[i] >= 0 && mean[i] < last * RESTART_SHARE) lost += last;
      first ??= mean[i];
      last = mean[i];
    }
  }
  if (first === null) return null;
  const change = last - first + lost;
  return `${change > 0 ? "+" : ""}${formatSeriesValue(series, change)}`;
}
