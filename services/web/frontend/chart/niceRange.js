/** @typedef {{ min: number, max: number, step: number }} ValueRange labels stand on multiples of step */

/** The difference of two values must be a number too. */
const GREATEST = Number.MAX_VALUE / 8;

/** Values that differ by less, or by less than a billionth of their size, are one value. */
const LEAST_SPREAD = 1e-300;

/** This share of the values' extent is free above and below them: no line lies on an edge. */
const ROOM = 0.03;
/** The ends of an axis are multiples of so many parts of a step. */
const PARTS = 4;

/** Below this share of the axis the values are too flat, and the axis shrinks to fit. */
const FLAT = 0.4;

/**
 * An axis on which the values from `low` to `high` fit. The axis that is there stays as long as
 * they fit it well, so it does not jump with every reading.
 *
 * @param {ValueRange | null} current
 * @param {number} low
 * @param {number} high
 * @param {number} most how many steps there is room for, at least one
 * @returns {ValueRange}
 */
export function niceRange(current, low, high, most) {
  const [lowest, highest] = [low, high].map((value) =>
    Math.min(GREATEST, Math.max(-GREATEST, value)),
  );
  if (current && fits(current, lowest, highest, most)) return current;
  const spread = highest - lowest;
  const size = Math.max(Math.abs(lowest), Math.abs(highest));
  const flat = spread <= Math.max(size * 1e-9, LEAST_SPREAD);
  const margin = flat ? Math.abs(highest) * 0.1 || 1 : spread * ROOM;
  const step = niceStep((flat ? 2 * margin : spread) / most);
  const part = step / PARTS;
  const min = Math.floor((lowest - margin) / part) * part;
  const max = Math.ceil((highest + margin) / part) * part;
  return { min, max, step };
}

/**
 * @param {ValueRange} current
 * @param {number} low
 * @param {number} high
 * @param {number} most
 */
function fits(current, low, high, most) {
  const extent = current.max - current.min;
  const inside = low >= current.min && high <= current.max;
  const full = high - low >= extent * FLAT || high === low;
  const steps = extent / current.step;
  return inside && full && steps <= most + 2 && steps >= most / 3;
}

/**
 * The least of 1, 2 and 5 times a power of ten that is not below `least`.
 *
 * @param {number} least
 */
function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5].find((factor) => factor * power >= least) ?? 10) * power;
}
