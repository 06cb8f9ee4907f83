import { formatWithUnit } from "../../format.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {import("../../feed/increaseLoader.js").IncreaseLoader} IncreaseLoader */

/** Digits of an increase; the counter itself has many more. */
const DIGITS = 3;

/**
 * Format an increase with its unit: "7.3 kWh".
 *
 * @param {Series} series
 * @param {number} increase
 */
export function formatIncrease({ unit }, increase) {
  const isSmall = Math.abs(increase) < 10 ** DIGITS;
  const rounded = isSmall ? Number(increase.toPrecision(DIGITS)) : Math.round(increase);
  return formatWithUnit(rounded, unit);
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
    newest(/** @type {Series} */ series) {
      const today = increases.today(series.name);
      return today === null ? null : { number: formatIncrease(series, today), unit: "today" };
    },

    versionAt: () => increases.version,

    stats(/** @type {Series} */ series, /** @type {number} */ from, /** @type {number} */ to) {
      const bars = increases.bars(series.name, from, to);
      if (!bars.length) return [];
      const values = bars.map(({ increase }) => increase);
      const total = values.reduce((sum, value) => sum + value, 0);
      const { period } = increases;
      return [
        { label: "sum of bars", value: formatIncrease(series, total) },
        { label: `highest ${period}`, value: formatIncrease(series, Math.max(...values)) },
      ];
    },

    sentence(/** @type {Series} */ series, /** @type {number} */ from, /** @type {number} */ to) {
      const today = increases.today(series.name);
      const stats = figures.stats(series, from, to);
      if (today === null && !stats.length) return "no increase known";
      const texts = stats.map(({ label, value }) => `${label} ${value}`);
      if (today !== null) texts.unshift(`${formatIncrease(series, today)} today`);
      return texts.join(", ");
    },
  };
  return figures;
}
