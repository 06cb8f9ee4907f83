import { formatCount, formatDuration, formatSeriesMean, formatSeriesValue } from "../../format.js";
import { formatNumber } from "../../numberFormat.js";
import { heldAt, summarizeStates } from "../../store/heldValues.js";
import { stateWord } from "../../store/stateWords.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {import("./figures.js").Stat} Stat */

/** With more values than this, their shares of the time are not listed. */
const MAX_SHARES = 3;

/**
 * Return the word of a value, or the value itself.
 *
 * @param {Series} series
 * @param {number} value
 */
export const stateText = (series, value) =>
  stateWord(series, value) ?? formatSeriesValue(series, value);

/**
 * Return the words of a bucket, of which nobody knows the last value: "closed and open".
 *
 * @param {Series} series
 * @param {number} min
 * @param {number} max
 */
export const stateWords = (series, min, max) =>
  [...new Set([min, max])].map((value) => stateText(series, value)).join(" and ");

/**
 * Texts for states: the value that is held, since when, and its share of the time.
 *
 * @type {import("./figures.js").Figures}
 */
export const STATE_FIGURES = {
  parts: (series, { value, min = value, max = value }) => ({
    number: stateWords(series, min, max),
    unit: "",
  }),

  versionAt: Math.floor,

  /**
   * @param {Series} series
   * @param {number} from seconds
   * @param {number} to seconds
   * @param {number} now seconds
   * @returns {Stat[]}
   */
  stats(series, from, to, now) {
    const held = series.newest && heldAt(series, now);
    const summary = summarizeStates(series, from, Math.min(to, now));
    return [
      ...(held ? [{ label: "for", value: heldDuration(held, now) }] : []),
      ...(summary ? summaryStats(series, summary) : []),
    ];
  },

  /**
   * @param {Series} series
   * @param {number} from seconds
   * @param {number} to seconds
   * @param {number} now seconds
   */
  sentence(series, from, to, now) {
    const held = series.newest && heldAt(series, now);
    const summary = summarizeStates(series, from, Math.min(to, now));
    if (!held && !summary) return "unknown";
    const current = held && `${stateText(series, held.value)} for ${heldDuration(held, now)}`;
    const stats = summary ? summaryStats(series, summary) : [];
    return [current, ...stats.map(({ label, value }) => `${label} ${value}`)]
      .filter(Boolean)
      .join(", ");
  },
};

/**
 * Return how long a value has been held: "1 h".
 *
 * @param {{ since: number, isExact: boolean }} held
 * @param {number} time seconds
 */
export function heldDuration({ since, isExact }, time) {
  const duration = formatDuration(Math.max(0, time - since));
  return isExact ? duration : `over ${duration}`;
}

/**
 * @param {Series} series
 * @param {import("../../store/heldValues.js").StateSummary} summary
 * @returns {Stat[]}
 */
function summaryStats(series, { seconds, shares, mean, changes }) {
  const counted = { label: "changes", value: formatCount(changes) };
  if (shares.size > MAX_SHARES) {
    return [{ label: "mean", value: formatSeriesMean(series, mean) }, counted];
  }
  // With two values, the share of one of them says both.
  const listed = [...shares].filter(([value]) => shares.size === 1 || value !== 0);
  const percent = (/** @type {number} */ share) =>
    formatNumber({ style: "percent", maximumFractionDigits: share < 0.1 ? 1 : 0 }, share);
  return [
    ...listed.map(([value, length]) => ({
      label: stateText(series, value),
      value: percent(seconds ? length / seconds : 1),
    })),
    counted,
  ];
}
