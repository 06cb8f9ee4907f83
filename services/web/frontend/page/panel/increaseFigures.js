import { formatToParts, joinParts } from "../../format.js";
import { formatDecimals } from "../../numberFormat.js";
import { MEASURE_FIGURES } from "./figures.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {import("../../feed/increaseLoader.js").IncreaseLoader} IncreaseLoader */

/** Digits of an increase if its decimals are not set; the counter itself has many more. */
const DIGITS = 3;

/**
 * Format an increase with its unit: "7.3 kWh".
 *
 * @param {Series} series
 * @param {number} increase
 */
export const formatIncrease = (series, increase) => joinParts(increaseParts(series, increase));

/**
 * Return the text of an increase and its unit.
 *
 * @param {Series} series
 * @param {number} increase
 */
export function increaseParts({ unit, decimals }, increase) {
  if (typeof decimals === "number") {
    return { number: formatDecimals(increase, decimals), unit: unit ?? "" };
  }
  const isSmall = Math.abs(increase) < 10 ** DIGITS;
  const rounded = isSmall ? Number(increase.toPrecision(DIGITS)) : Math.round(increase);
  return formatToParts(rounded, unit);
}

const DAY_SECONDS = 86_400;
/** Seconds by which a day may be longer or shorter than usual. */
const CLOCK_CHANGE_SECONDS = 7_200;
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DATE = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });

/**
 * Format the period of a bar: "02:00 PM – 03:00 PM", "Nov 27", or "Nov 24 – 30, so far".
 *
 * @param {import("../../store/increases.js").BarPeriod} period
 */
export function periodText({ start, end, isFinished }) {
  const isHour = end - start < DAY_SECONDS - CLOCK_CHANGE_SECONDS;
  // The last day begins before the end.
  const [first, last] = [start, isHour ? end : end - 1].map((time) => time * 1_000);
  const text = (isHour ? CLOCK : DATE).formatRange(first, last);
  return isFinished ? text : `${text}, so far`;
}

/**
 * Return the texts of a panel with bars: the increase today, in the window, and the highest bar.
 *
 * @param {IncreaseLoader} loader
 * @returns {import("./figures.js").Figures}
 */
export function createIncreaseFigures(loader) {
  const { increases } = loader;
  const figures = {
    parts: MEASURE_FIGURES.parts,

    versionAt: () => increases.version,

    stats(/** @type {Series} */ series, /** @type {number} */ from, /** @type {number} */ to) {
      const today = increases.today(series.name);
      const bars = increases.bars(series.name, from, to).map(({ increase }) => increase);
      const total = bars.reduce((sum, value) => sum + value, 0);
      const all = [
        { label: "today", value: today },
        { label: "sum", value: bars.length ? total : null },
        { label: `highest ${increases.period}`, value: bars.length ? Math.max(...bars) : null },
      ];
      return all.flatMap(({ label, value }) =>
        value === null ? [] : [{ label, value: formatIncrease(series, value) }],
      );
    },

    sentence(/** @type {Series} */ series, /** @type {number} */ from, /** @type {number} */ to) {
      const stats = figures.stats(series, from, to);
      if (!stats.length) return "no increase known";
      return stats.map(({ label, value }) => `${label} ${value}`).join(", ");
    },
  };
  return figures;
}
