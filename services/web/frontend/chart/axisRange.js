import { fittingSteps, niceRange } from "./niceRange.js";

/** @typedef {import("./niceRange.js").ValueRange} ValueRange */
/**
 * How a value axis is fitted. `zero` includes zero; `min` and `max` fix an end.
 *
 * @typedef {{ scale: "linear" | "log", zero: boolean, min: number | null,
 *             max: number | null }} AxisOptions
 */

/** Powers of ten on an axis with logarithms if the lowest value is not above zero. */
const DEFAULT_POWERS = 3;

/**
 * Return the range of an axis for values from `min` to `max`.
 *
 * @param {ValueRange | null} current stays as long as it fits well
 * @param {number} min
 * @param {number} max
 * @param {number} height pixels of the axis
 * @param {AxisOptions} [options]
 * @returns {ValueRange}
 */
export function fitAxis(current, min, max, height, options) {
  const steps = fittingSteps(height);
  if (!options) return niceRange(current, min, max, steps);
  if (options.scale === "log") return logRange(current, min, max, options);
  const low = options.zero ? Math.min(0, min) : min;
  const high = options.zero ? Math.max(0, max) : max;
  const [fixedLow, fixedHigh] = [options.min ?? low, options.max ?? high];
  // The same as long as it is right: a new object would be drawn again.
  const isFixed = options.min !== null || options.max !== null || options.zero;
  const nice = niceRange(isFixed ? null : current, fixedLow, Math.max(fixedLow, fixedHigh), steps);
  const startsAtZero = options.zero && low === 0;
  const endsAtZero = options.zero && high === 0;
  const range = {
    min: options.min ?? (startsAtZero ? 0 : nice.min),
    max: options.max ?? (endsAtZero && !startsAtZero ? 0 : nice.max),
    step: nice.step,
  };
  if (range.max <= range.min) range.max = range.min + nice.step;
  return isSame(current, range) ? /** @type {ValueRange} */ (current) : range;
}

/**
 * Return a range between two positive numbers; `step` is a factor.
 *
 * @param {ValueRange | null} current
 * @param {number} min
 * @param {number} max
 * @param {AxisOptions} options
 * @returns {ValueRange}
 */
function logRange(current, min, max, options) {
  const end = options.max !== null && options.max > 0 ? options.max : max > 0 ? max : 1;
  const top = options.max !== null && options.max > 0 ? end : 10 ** Math.ceil(Math.log10(end));
  const start = options.min !== null && options.min > 0 ? options.min : min;
  const low = start > 0 ? start : top / 10 ** DEFAULT_POWERS;
  const bottom = options.min !== null && options.min > 0 ? low : 10 ** Math.floor(Math.log10(low));
  const range = { min: Math.min(bottom, top / 10), max: top, step: 10, isLog: true };
  return isSame(current, range) ? /** @type {ValueRange} */ (current) : range;
}

/**
 * @param {ValueRange | null} current
 * @param {ValueRange} range
 */
const isSame = (current, range) =>
  current?.min === range.min && current.max === range.max && current.step === range.step;
