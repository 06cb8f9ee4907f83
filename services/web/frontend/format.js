import {
  formatDecimals,
  formatNumber,
  formatScientific,
  formatValue,
  MAX_PLAIN,
  MAX_PLAIN_DECIMALS,
  MIN_PLAIN,
} from "./numberFormat.js";
import { prefixedUnit, prefixPower, scaleDown } from "./siPrefixes.js";
import { stateWord } from "./store/stateWords.js";
import { sentDecimals, valueDigits } from "./store/valueDigits.js";

/**
 * Series whose values are formatted; a live one, or one of the server's list.
 *
 * @typedef {import("./store/valueDigits.js").DigitSource &
 *           { name?: string, states?: Record<string, string> | null }} ValueSource
 */

/**
 * Format a value and its unit separately, with an SI prefix where it is common: 1,234 W is 1.23
 * and kW.
 *
 * @param {number} value
 * @param {string | null} unit
 * @returns {{ number: string, unit: string }}
 */
export function formatToParts(value, unit) {
  // Round first: 999.99 is displayed as 1,000 and needs the prefix of 1,000.
  const power = prefixPower(Number(Math.abs(value).toPrecision(4)), unit);
  return { number: formatValue(scaleDown(value, power)), unit: prefixedUnit(power, unit) };
}

/**
 * Format a value with its unit, if it has one.
 *
 * @param {number} value
 * @param {string | null} unit
 */
export const formatWithUnit = (value, unit) => joinParts(formatToParts(value, unit));

/** @param {ValueSource} series */
const isState = ({ kind, guessed_kind: guessed }) => (kind ?? guessed) === "state";

/**
 * Write a number and its unit, if it has one.
 *
 * @param {{ number: string, unit: string }} parts
 */
export const joinParts = ({ number, unit }) => (unit ? `${number} ${unit}` : number);

/**
 * Format a value of a series and its unit separately, with the digits that all its values have.
 *
 * The value of a state is its word, without a unit.
 *
 * @param {ValueSource} series
 * @param {number} value
 * @param {boolean} [isMean] a mean may have one more digit
 * @returns {{ number: string, unit: string }}
 */
export function formatSeriesParts(series, value, isMean = false) {
  // A mean of 1 is not the state 1.
  const word = isState(series) && !isMean ? stateWord(series, value) : null;
  if (word) return { number: word, unit: "" };
  const { unit } = series;
  const digits = valueDigits(series);
  if (!digits) return formatToParts(value, unit);
  const { power, decimals, meanDecimals } = digits;
  const scaled = scaleDown(value, power);
  const isPlain = Math.abs(scaled) < MAX_PLAIN && decimals <= MAX_PLAIN_DECIMALS;
  const format = isPlain ? formatDecimals : formatScientific;
  const number = format(scaled, isMean ? meanDecimals : decimals);
  return { number, unit: prefixedUnit(power, unit) };
}

/**
 * Format a value of a series with its unit, or with its word if it is a state.
 *
 * @param {ValueSource} series
 * @param {number} value
 */
export const formatSeriesValue = (series, value) => joinParts(formatSeriesParts(series, value));

/**
 * Format a mean of a series with its unit.
 *
 * @param {ValueSource} series
 * @param {number} mean
 */
export const formatSeriesMean = (series, mean) =>
  joinParts(formatSeriesParts(series, mean, true));

/**
 * Format a single reading with all digits that were sent, and the unit without a prefix.
 *
 * @param {ValueSource} series
 * @param {number} value
 */
export function formatReading(series, value) {
  const digits = valueDigits(series);
  const magnitude = Math.abs(value);
  const isPlain = magnitude === 0 || (magnitude < MAX_PLAIN && magnitude >= MIN_PLAIN);
  if (!digits || !isPlain || isState(series)) return formatSeriesValue(series, value);
  const exact = Number(value.toPrecision(15));
  const decimals = Math.max(sentDecimals(exact), digits.power ? 0 : digits.decimals);
  return joinParts({ number: formatDecimals(exact, decimals), unit: series.unit ?? "" });
}

/** A time that is ahead by less is ahead only because clocks differ a little, in seconds. */
export const MIN_AHEAD_SECONDS = 2;

/** @param {number} count */
export function formatCount(count) {
  return formatNumber({ maximumFractionDigits: 0 }, count);
}

/**
 * Format an age: "12 s ago", or "5 min ahead" where the sender's clock is ahead.
 *
 * @param {number} seconds
 * @returns {string}
 */
export function formatAge(seconds) {
  const units = /** @type {const} */ ([
    { limit: 90, length: 1, name: "s" },
    { limit: 5_400, length: 60, name: "min" },
    { limit: 129_600, length: 3_600, name: "h" },
    { limit: Infinity, length: 86_400, name: "d" },
  ]);
  const isAhead = seconds <= -MIN_AHEAD_SECONDS;
  if (seconds < 2 && !isAhead) return "just now";
  const magnitude = Math.abs(seconds);
  const { length, name } = units.find(({ limit }) => magnitude < limit) ?? units[3];
  return `${Math.floor(magnitude / length)} ${name} ${isAhead ? "ahead" : "ago"}`;
}

/**
 * Format a delay, in milliseconds if it is below 1 s.
 *
 * @param {number} seconds
 * @returns {string}
 */
export function formatDelay(seconds) {
  if (seconds < 0.9995) return `${Math.max(0, Math.round(seconds * 1_000))} ms`;
  return `${formatNumber({ maximumFractionDigits: seconds < 10 ? 1 : 0 }, seconds)} s`;
}

/**
 * Format a duration in the largest unit of which it has at least one.
 *
 * @param {number} seconds
 * @returns {string}
 */
export function formatDuration(seconds) {
  const units = /** @type {const} */ ([
    { length: 86_400, name: "d" },
    { length: 3_600, name: "h" },
    { length: 60, name: "min" },
    { length: 1, name: "s" },
  ]);
  const unit = units.find(({ length }) => seconds >= length) ?? units[3];
  return `${formatNumber({ maximumFractionDigits: 1 }, seconds / unit.length)} ${unit.name}`;
}

/** Formats times in the language and the time zone of the user. */
export class TimeFormat {
  #time;
  #date;
  #dateTimeWithoutYear;
  #dateTime;
  #dateTimeWithMilliseconds;
  #weekday;
  #weekdayWithoutYear;
  #clock;

  /** @param {string} [zone] the user's by default */
  constructor(zone) {
    const formatter = (/** @type {Intl.DateTimeFormatOptions} */ options) =>
      new Intl.DateTimeFormat(undefined, { ...options, timeZone: zone });
    const time = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
    const day = /** @type {const} */ ({ month: "short", day: "numeric" });
    const year = /** @type {const} */ ({ year: "numeric" });
    const milliseconds = /** @type {const} */ ({ fractionalSecondDigits: 3 });
    this.#time = formatter(time);
    this.#date = formatter({ ...year, ...day });
    this.#dateTimeWithoutYear = formatter({ ...day, ...time });
    this.#dateTime = formatter({ ...year, ...day, ...time });
    this.#dateTimeWithMilliseconds = formatter({ ...year, ...day, ...time, ...milliseconds });
    this.#weekday = formatter({ ...year, ...day, weekday: "short" });
    this.#weekdayWithoutYear = formatter({ ...day, weekday: "short" });
    this.#clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: zone });
  }

  /**
   * Format a date and time, with milliseconds unless the precision is 1 s or coarser.
   *
   * @param {number} time seconds
   * @param {number} [precisionSeconds]
   */
  dateTime(time, precisionSeconds = 0) {
    const isCoarse = precisionSeconds >= 1;
    return (isCoarse ? this.#dateTime : this.#dateTimeWithMilliseconds).format(time * 1_000);
  }

  /**
   * Format the time of the day, to the second.
   *
   * @param {number} time seconds
   */
  timeOfDay(time) {
    return this.#time.format(time * 1_000);
  }

  /**
   * Format a time, with its date if that differs from the date of another time.
   *
   * @param {number} time seconds
   * @param {number} other seconds
   */
  shortTime(time, other) {
    const [day, otherDay] = [time, other].map((one) => this.#date.format(one * 1_000));
    const formatter = day === otherDay ? this.#time : this.#dateTimeWithoutYear;
    return formatter.format(time * 1_000);
  }

  /**
   * Format a range without repeating what both ends have in common.
   *
   * Whole days are named by their dates, without the midnight after them. From 3 days on a range
   * has no time of the day, and a shorter one in the current year has no year.
   *
   * @param {number} from seconds
   * @param {number} to seconds
   * @param {number} [now] seconds
   */
  range(from, to, now = Date.now() / 1_000) {
    const [year, currentYear] = [from, now].map((time) => new Date(time * 1_000).getFullYear());
    const isThisYear = year === currentYear;
    const hasWholeDays = from < to && [from, to].every((time) => this.#isMidnight(time));
    const end = hasWholeDays ? to - 1 : to;
    if (hasWholeDays && this.#date.format(from * 1_000) === this.#date.format(end * 1_000)) {
      return (isThisYear ? this.#weekdayWithoutYear : this.#weekday).format(from * 1_000);
    }
    const dateTime = isThisYear ? this.#dateTimeWithoutYear : this.#dateTime;
    const formatter = hasWholeDays || to - from >= 3 * 86_400 ? this.#date : dateTime;
    return formatter.formatRange(from * 1_000, end * 1_000);
  }

  /** @param {number} time seconds */
  #isMidnight(time) {
    return this.#clock.format(time * 1_000) === "00:00:00";
  }
}

/**
 * Return the seconds that the user's time zone is ahead of UTC at a time.
 *
 * @param {number} time seconds
 */
export function zoneOffsetSeconds(time) {
  return -new Date(time * 1_000).getTimezoneOffset() * 60;
}
