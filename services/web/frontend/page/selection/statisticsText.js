import {
  formatCount,
  formatDuration,
  formatSeriesMean,
  formatSeriesValue,
  formatWithUnit,
} from "../../format.js";

/** @typedef {import("../../format.js").ValueSource} ValueSource */
/** @typedef {import("./rangeStatistics.js").RangeStatistics} RangeStatistics */

/** Watts of each unit of power: its integral is an energy. */
const WATTS = new Map([["mW", 1e-3], ["W", 1], ["kW", 1e3], ["MW", 1e6], ["GW", 1e9]]);
const SECONDS_PER_HOUR = 3_600;

/** Ranges below these lengths, in seconds, have a slope for each of these times. */
const SLOPE_TIMES = /** @type {const} */ ([
  { below: 60, seconds: 1, name: "s" },
  { below: 3_600, seconds: 60, name: "min" },
  { below: 4 * 86_400, seconds: SECONDS_PER_HOUR, name: "h" },
  { below: Infinity, seconds: 86_400, name: "d" },
]);

/** Text for what only the server knows, until it answers. */
const PENDING = "…";

/** Titles of the columns of the selection's table, in their order. */
export const COLUMN_TITLES = /** @type {const} */ ([
  "Min", "Mean", "Max", "Difference", "Slope", "Energy", "States", "Readings",
]);

/** Columns of a small screen for each kind; the rest is behind "More". */
const SHORT_COLUMNS = /** @type {Record<string, readonly string[]>} */ ({
  measure: ["Min", "Mean", "Max"],
  state: ["States"],
  counter: ["Difference"],
});

/**
 * Return true if a small screen shows a column.
 *
 * @param {string} title
 * @param {string[]} kinds kinds of the series in the table
 */
export const isShortColumn = (title, kinds) =>
  kinds.some((kind) => SHORT_COLUMNS[kind]?.includes(title));

/**
 * Format the statistics of a series, one text for each column; "" for what it does not have.
 *
 * @param {ValueSource} series
 * @param {RangeStatistics} statistics
 * @param {number} spanSeconds length of the range
 * @returns {string[]}
 */
export function formatStatistics(series, statistics, spanSeconds) {
  const { kind, count, min, max, mean, difference, slope, integral, durations } = statistics;
  const isMeasure = kind === "measure";
  const value = (/** @type {number | null} */ one) =>
    one === null || kind === "state" ? "" : formatSeriesValue(series, one);
  /** @type {<T>(one: T | null, format: (one: T) => string) => string} */
  const orPending = (one, format) => {
    if (one !== null) return format(one);
    return statistics.isEstimate ? PENDING : "";
  };
  return [
    value(min),
    mean === null || !isMeasure ? "" : formatSeriesMean(series, mean),
    value(max),
    kind === "state" ? "" : orPending(difference, (one) => withSign(one, value(one))),
    kind === "state" ? "" : orPending(slope, (one) => formatSlope(one, series.unit, spanSeconds)),
    integral === null || !isMeasure ? "" : formatEnergy(integral, series.unit),
    kind !== "state" ? "" : orPending(durations, (one) => formatStates(series, one)),
    formatCount(count),
  ];
}

/**
 * @param {number} perSecond
 * @param {string | null} unit
 * @param {number} spanSeconds
 */
function formatSlope(perSecond, unit, spanSeconds) {
  const time = SLOPE_TIMES.find(({ below }) => spanSeconds < below) ?? SLOPE_TIMES[3];
  const value = Number((perSecond * time.seconds).toPrecision(3));
  return withSign(value, `${formatWithUnit(value, unit)}/${time.name}`);
}

/**
 * @param {number} integral value times seconds
 * @param {string | null} unit
 */
function formatEnergy(integral, unit) {
  const watts = WATTS.get(unit ?? "");
  if (watts === undefined) return "";
  return formatWithUnit(Number(((integral * watts) / SECONDS_PER_HOUR).toPrecision(4)), "Wh");
}

/**
 * @param {ValueSource} series
 * @param {Record<string, number>} durations
 */
function formatStates(series, durations) {
  return Object.entries(durations)
    .sort(([, a], [, b]) => b - a)
    .map(([value, seconds]) => {
      const state = formatSeriesValue(series, Number(value));
      return `${state} ${formatDuration(seconds)}`;
    })
    .join(" · ");
}

/**
 * @param {number} value
 * @param {string} text
 */
const withSign = (value, text) => (value > 0 ? `+${text}` : text);
