import { heldAt } from "../../store/heldValues.js";
import { formatIncrease, increaseParts } from "../panel/increaseFigures.js";
import { stateWords } from "../panel/stateFigures.js";
import { differenceText } from "./differenceText.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {import("../../chart/crosshair.js").CrosshairPoint} CrosshairPoint */
/** @typedef {import("../../feed/increaseLoader.js").IncreaseLoader} IncreaseLoader */
/** @typedef {{ text: string }} ComparedTime when it was: "1 day ago" */
/**
 * Returns what follows the value of a point in the readout; "" without a compared time.
 *
 * @typedef {(point: CrosshairPoint, crosshair: number, maxDistanceSeconds: number) =>
 *   string} ComparedTextOf
 */

/**
 * Return the texts of lines and states: ", +0.8 vs 20.6 °C 1 day ago", ", closed 1 day ago".
 *
 * @param {import("../../chart/comparedMarks.js").Ghosts} ghosts
 * @param {ComparedTime} compared
 * @returns {ComparedTextOf}
 */
export function compareReadings(ghosts, compared) {
  return ({ series, time, value, min, max }, crosshair, maxDistanceSeconds) => {
    const ghost = ghosts.of(series);
    if (ghost?.kind === "state") {
      const held = heldAt(ghost, crosshair);
      return held ? `, ${stateWords(series, held.min, held.max)} ${compared.text}` : "";
    }
    const near = ghost?.nearest(value === null ? crosshair : time, maxDistanceSeconds);
    if (!near) return "";
    const isMean = min !== null && max !== null && min !== max;
    return differenceText(series, value, { value: near.value, ago: compared.text }, isMean);
  };
}

/**
 * Return the texts of bars. An unfinished period has no difference from the whole one before.
 *
 * @param {IncreaseLoader} ghostLoader
 * @param {ComparedTime} compared
 * @returns {ComparedTextOf}
 */
export function compareIncreases({ increases }, compared) {
  return ({ series, value, period }, crosshair) => {
    const bar = increases.barAt(series.name, crosshair);
    if (!bar) return "";
    if (value !== null && period?.isFinished) {
      return increaseDifference(series, value, bar.increase, compared);
    }
    const before = formatIncrease(series, bar.increase);
    const whole = value === null ? "" : ` in the whole ${increases.period}`;
    return `, ${before}${whole} ${compared.text}`;
  };
}

/**
 * Return what follows an increase: ", +0.5 vs 6.8 kWh 1 day ago".
 *
 * @param {Series} series
 * @param {number} value
 * @param {number} before
 * @param {ComparedTime} compared
 */
export function increaseDifference(series, value, before, { text }) {
  const difference = value - before;
  const parts = increaseParts(series, Math.abs(difference));
  const sign = !/[1-9]/.test(parts.number) ? "" : difference > 0 ? "+" : "-";
  const hasUnit = parts.unit !== increaseParts(series, value).unit;
  const shown = hasUnit ? formatIncrease(series, Math.abs(difference)) : parts.number;
  return `, ${sign}${shown} vs ${formatIncrease(series, before)} ${text}`;
}

