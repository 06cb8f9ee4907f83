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
/** Factor between a value and the end of such an axis, at least. */
const LOG_MARGIN = 1.03;
/** An end is one of these times a power of ten. */
const LOG_FACTORS = [1, 2, 5, 10];
/** Factor between two labels, at most. */
const MAX_LABEL_FACTOR = 2.5;
/** Larger values are cut off, so that the end is still a number. */
const MAX_LOG_VALUE = 1e307;

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
 * Return a range between two positive numbers, which are round unless they are fixed; `step` is a
 * factor. It has at least one power of ten.
 *
 * @param {ValueRange | null} current
 * @param {number} min
 * @param {number} max
 * @param {AxisOptions} options
 * @returns {ValueRange}
 */
function logRange(current, min, max, options) {
  const fixedTop = options.max !== null && options.max > 0 ? options.max : null;
  const fixedBottom = options.min !== null && options.min > 0 ? options.min : null;
  const top = fixedTop ?? roundUp(max > 0 ? Math.min(max, MAX_LOG_VALUE) * LOG_MARGIN : 1);
  const lowest = min > 0 ? min / LOG_MARGIN : top / 10 ** DEFAULT_POWERS;
  const bottom = fixedBottom ?? roundDown(lowest);
  const range = { min: Math.min(bottom, top / 10), max: top, step: 10, isLog: true };
  const isFixed = fixedTop !== null || fixedBottom !== null;
  const stays = !isFixed && current?.isLog && isNearlySame(current, range);
  return current && (stays || isSame(current, range)) ? current : range;
}

/**
 * Return true if a range may stay in place of another one, which it contains: it has at most one
 * more label at each end. Without that, an axis would jump when a value passes a label.
 *
 * @param {ValueRange} current
 * @param {ValueRange} range
 */
const isNearlySame = (current, range) =>
  current.min <= range.min &&
  current.max >= range.max &&
  range.min / current.min <= MAX_LABEL_FACTOR &&
  current.max / range.max <= MAX_LABEL_FACTOR;

/** @param {number} number above zero */
function roundUp(number) {
  const power = Math.floor(Math.log10(number));
  return LOG_FACTORS.map((factor) => Number(`${factor}e${power}`)).find((one) => one >= number) ?? 1;
}

/** @param {number} number above zero */
function roundDown(number) {
  const power = Math.floor(Math.log10(number));
  const all = LOG_FACTORS.map((factor) => Number(`${factor}e${power}`));
  return all.reverse().find((one) => one <= number && one > 0) ?? Number.MIN_VALUE;
}

/**
 * @param {ValueRange | null} current
 * @param {ValueRange} range
 */
const isSame = (current, range) =>
  current?.min === range.min && current.max === range.max && current.step === range.step;
