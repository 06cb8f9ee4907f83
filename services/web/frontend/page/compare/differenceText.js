import { formatSeriesParts, joinParts } from "../../format.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {{ value: number, ago: string }} Then value at an earlier time: "1 day ago" */

/**
 * Return what follows a value: ", +0.8 vs 20.6 °C 1 day ago".
 *
 * @param {Series} series
 * @param {number | null} value null without data
 * @param {Then} then
 * @param {boolean} isMean true for means, which have more decimals
 */
export function differenceText(series, value, then, isMean) {
  const before = `${joinParts(formatSeriesParts(series, then.value, isMean))} ${then.ago}`;
  if (value === null) return `, ${before}`;
  const difference = value - then.value;
  const { number, unit } = formatSeriesParts(series, Math.abs(difference), isMean);
  const sign = !/[1-9]/.test(number) ? "" : difference > 0 ? "+" : "-";
  // The unit is said again only if it has another prefix than that of the value.
  const hasUnit = unit !== formatSeriesParts(series, value, isMean).unit;
  return `, ${sign}${hasUnit ? joinParts({ number, unit }) : number} vs ${before}`;
}
