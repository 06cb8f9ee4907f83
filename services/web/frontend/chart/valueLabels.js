import { formatDecimals, formatNumber, MAX_PLAIN, MAX_PLAIN_DECIMALS } from "../numberFormat.js";
import { prefixedUnit, prefixPower, scaleDown } from "../siPrefixes.js";

/** Decimals of an axis label with a prefix. */
const MAX_PREFIXED_DECIMALS = 3;

/**
 * Format a label of a value axis with as many decimals as the step needs.
 *
 * The unit is included only if it has a prefix, which all labels share. Without a prefix the unit
 * is displayed beside the chart.
 *
 * @param {number} value
 * @param {number} step distance between two labels
 * @param {string | null} [unit]
 * @param {number} [maxMagnitude] magnitude of the largest value on the axis
 * @returns {string}
 */
export function formatTick(value, step, unit = null, maxMagnitude = step) {
  let power = prefixPower(maxMagnitude, unit);
  // Small steps at a large offset read better in a smaller unit.
  while (power > 0 && decimalsOfStep(step / 10 ** power) > MAX_PREFIXED_DECIMALS) power -= 3;
  if (power && value === 0) return "0";
  if (power) {
    const scaled = formatTick(scaleDown(value, power), step / 10 ** power);
    return `${scaled} ${prefixedUnit(power, unit)}`;
  }
  const decimals = decimalsOfStep(step);
  if (Math.max(Math.abs(value), maxMagnitude) < MAX_PLAIN && decimals <= MAX_PLAIN_DECIMALS) {
    return formatDecimals(value, decimals);
  }
  if (value === 0) return "0";
  const digits = Math.floor(Math.log10(Math.abs(value)) + 1e-9) + decimalsOfStep(step, true);
  const fractionDigits = Math.min(15, Math.max(0, digits));
  return formatNumber(
    { notation: "scientific", minimumFractionDigits: 0, maximumFractionDigits: fractionDigits },
    value,
  );
}

/**
 * Format a label of an axis with logarithms. Each has a prefix of its own; if one has any, all have
 * their unit: "500 W" below "1 kW".
 *
 * @param {number} value
 * @param {string | null} unit
 * @param {number} maxMagnitude magnitude of the largest value on the axis
 */
export function formatLogTick(value, unit, maxMagnitude) {
  const label = formatTick(value, value, unit, value);
  const hasOwnUnit = prefixPower(value, unit) !== 0;
  return !hasOwnUnit && prefixPower(maxMagnitude, unit) ? `${label} ${unit}` : label;
}

/**
 * Return the decimals that tell the multiples of a step apart.
 *
 * @param {number} step
 * @param {boolean} [signed] true for a negative number where the step is 10 or more
 */
function decimalsOfStep(step, signed = false) {
  const decimals = -Math.floor(Math.log10(step) + 1e-9);
  return signed ? decimals : Math.max(0, decimals);
}
