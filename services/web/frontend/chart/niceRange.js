/**
 * Range of a value axis, with labels at the multiples of `step`. With `isLog` it begins above zero,
 * and labels are at powers of ten.
 *
 * @typedef {{ min: number, max: number, step: number, isLog?: boolean }} ValueRange
 */

/** Larger values are cut off, so that the difference of two values is still a number. */
const MAX_VALUE = Number.MAX_VALUE / 8;

/** Values that differ by less than this count as equal. */
const MIN_SPREAD = 1e-300;

/** The same as a share of the largest value. */
const MIN_RELATIVE_SPREAD = 1e-12;

/** Pixels of height for each label. */
const LABEL_HEIGHT = 36;
const MAX_STEPS = 8;

/**
 * Return the number of steps that fit on an axis.
 *
 * @param {number} height pixels
 */
export const fittingSteps = (height) =>
  Math.min(MAX_STEPS, Math.max(2, Math.floor(height / LABEL_HEIGHT)));

/** Share of the spread that stays free above and below, so that no line lies on an edge. */
const MARGIN_SHARE = 0.03;
/** The ends of an axis are multiples of this part of a step. */
const PARTS_PER_STEP = 4;

/** If the values fill less than this share of the axis, the axis shrinks. */
const MIN_FILL_SHARE = 0.4;

/**
 * Return a range that contains the values from `min` to `max`.
 *
 * The current range stays as long as it fits well, so the axis does not jump with each reading.
 *
 * @param {ValueRange | null} current
 * @param {number} min
 * @param {number} max
 * @param {number} maxSteps number of steps that fit, at least 1
 * @returns {ValueRange}
 */
export function niceRange(current, min, max, maxSteps) {
  const [low, high] = [min, max].map((value) => Math.min(MAX_VALUE, Math.max(-MAX_VALUE, value)));
  if (current && fitsWell(current, low, high, maxSteps)) return current;
  const spread = high - low;
  const magnitude = Math.max(Math.abs(low), Math.abs(high));
  const isFlat = spread <= Math.max(magnitude * MIN_RELATIVE_SPREAD, MIN_SPREAD);
  const margin = isFlat ? Math.abs(high) * 0.1 || 1 : spread * MARGIN_SHARE;
  const step = niceStep((isFlat ? 2 * margin : spread) / maxSteps);
  const part = step / PARTS_PER_STEP;
  return {
    min: Math.floor((low - margin) / part) * part,
    max: Math.ceil((high + margin) / part) * part,
    step,
  };
}

/**
 * @param {ValueRange} current
 * @param {number} min
 * @param {number} max
 * @param {number} maxSteps
 */
function fitsWell(current, min, max, maxSteps) {
  const extent = current.max - current.min;
  const isInside = min >= current.min && max <= current.max;
  const isFull = max - min >= extent * MIN_FILL_SHARE || max === min;
  const steps = extent / current.step;
  return isInside && isFull && steps <= maxSteps + 2 && steps >= maxSteps / 3;
}

/**
 * Return the smallest of 1, 2 and 5 times a power of ten that is not below a minimum.
 *
 * @param {number} minStep
 */
function niceStep(minStep) {
  const power = 10 ** Math.floor(Math.log10(minStep));
  return ([1, 2, 5].find((factor) => factor * power >= minStep) ?? 10) * power;
}
