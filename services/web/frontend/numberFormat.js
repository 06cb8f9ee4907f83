import { sentDecimals, usefulDecimals } from "./store/valueDigits.js";

/** Numbers from here on, and below the smallest one, are written with a power of ten. */
export const MAX_PLAIN = 1e15;
export const MIN_PLAIN = 1e-4;
export const MAX_PLAIN_DECIMALS = 8;
/** Digits after the point of a number with a power of ten. */
const MAX_SCIENTIFIC_DECIMALS = 3;
/** Formatters by their options; creating one is slow. @type {Map<string, Intl.NumberFormat>} */
const formatters = new Map();

/**
 * Format a number in the language of the user.
 *
 * @param {Intl.NumberFormatOptions} options
 * @param {number} value
 */
export function formatNumber(options, value) {
  const key = JSON.stringify(options);
  let formatter = formatters.get(key);
  if (!formatter) {
    formatter = new Intl.NumberFormat(undefined, options);
    formatters.set(key, formatter);
  }
  return formatter.format(value);
}

/**
 * Format a value with about four significant digits, but no more decimals than were sent.
 *
 * @param {number} value
 * @returns {string}
 */
export function formatValue(value) {
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude >= MAX_PLAIN || magnitude < MIN_PLAIN)) {
    return formatNumber(
      { notation: "scientific", maximumFractionDigits: MAX_SCIENTIFIC_DECIMALS },
      value,
    );
  }
  return formatDecimals(value, Math.min(usefulDecimals(magnitude), sentDecimals(value)));
}

/**
 * Format a number with fixed decimals.
 *
 * @param {number} value
 * @param {number} decimals
 */
export const formatDecimals = (value, decimals) =>
  formatNumber(
    {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
      signDisplay: /** @type {any} */ ("negative"), // no "-0"
    },
    value,
  );

/**
 * Format a number that is too large or too small for a plain one, to the place of its decimals:
 * with ten decimals 1e-9 is 1.0E-9, because the next value may be 1.1E-9.
 *
 * @param {number} value
 * @param {number} decimals
 */
export function formatScientific(value, decimals) {
  if (value === 0) return "0";
  const places = Math.floor(Math.log10(Math.abs(value)) + 1e-9) + decimals;
  const digits = Math.max(0, Math.min(MAX_SCIENTIFIC_DECIMALS, places));
  return formatNumber(
    { notation: "scientific", minimumFractionDigits: digits, maximumFractionDigits: digits },
    value,
  );
}
