import { prefixPower, scaleDown } from "../siPrefixes.js";

/**
 * How the values of one series are written: divided by a power of ten, with fixed decimals.
 *
 * @typedef {{ power: number, decimals: number, meanDecimals: number }} ValueDigits
 */
/** @typedef {{ t: Float64Array, min: Float64Array, max: Float64Array, end: number }} Columns */
/**
 * @typedef {object} DigitSource
 * @property {string | null} unit
 * @property {string | null} [kind] "counter" has more digits
 * @property {string} [guessed_kind] used if the kind is not set
 * @property {number | null} [decimals] set by a user
 * @property {number} [revision] number that grows with the data
 * @property {{ mean: Float64Array, start: number, end: number }} [readings]
 * @property {Columns[]} [layers] loaded history
 * @property {{ value: number } | null} [newest]
 * @property {ValueSample | null} [sample] the server's summary of its newest values
 */
/** @typedef {import("./seriesDescription.js").ValueSample} ValueSample */
/** @typedef {{ sent: number, typical: number, spread: number }} Sample */
/** @typedef {{ key: string, sent: number, digits: ValueDigits }} Memory */

/** Values that the digits are derived from. */
const MAX_SAMPLES = 32;
/** A prefix stays while the typical value has between this and `MAX_KEPT` before its point. */
const MIN_KEPT = 0.5;
const MAX_KEPT = 3_000;
/**
 * Decimals are taken away only if a value that is this many times smaller needs no more, and added
 * only if one that is this many times larger needs them, too.
 */
const LEEWAY = 4;
/** Digits of a value in all, if its changes need that many. */
const MAX_DIGITS = 8;
/** Decimals of a counter, whose changes are small beside its value. */
const COUNTER_DECIMALS = 3;
/** Digits that a mean has at least, if they are no more than one more than those of the data. */
const MEAN_DIGITS = 3;

/** What is known of each series, so that its digits do not change with each reading. */
const memories = /** @type {WeakMap<object, Memory>} */ (new WeakMap());

/**
 * Return the digits of a series: set by a user, or derived from its readings.
 *
 * They begin with the server's sample, so that they are the same wherever the series is shown.
 * More digits appear as soon as a reading has them; they stay while the values change a little.
 *
 * @param {DigitSource} series
 * @returns {ValueDigits | null} null without readings to derive them from
 */
export function valueDigits(series) {
  const { decimals, unit } = series;
  const kind = series.kind ?? series.guessed_kind;
  if (typeof decimals === "number") return { power: 0, decimals, meanDecimals: decimals };
  const isCounter = kind === "counter";
  const memory = memories.get(series);
  const key = `${series.revision} ${unit} ${kind}`;
  if (memory?.key === key) return memory.digits;
  const known = memory ?? listedDigits(series, isCounter);
  const sample = takeSample(series);
  if (!sample) return known?.digits ?? null;
  const sent = Math.max(sample.sent, known?.sent ?? 0);
  const digits = chooseDigits({ ...sample, sent }, unit, isCounter, known?.digits);
  memories.set(series, { key, sent, digits });
  return digits;
}

/**
 * Return the digits that the server's sample gives, or null.
 *
 * @param {DigitSource} series
 * @param {boolean} isCounter
 */
function listedDigits({ sample, unit }, isCounter) {
  if (!sample) return null;
  const { decimals: sent, typical, spread } = sample;
  return { sent, digits: chooseDigits({ sent, typical, spread }, unit, isCounter) };
}

/**
 * Return the number of decimals that a value was sent with.
 *
 * @param {number} value
 */
export function sentDecimals(value) {
  const [mantissa, exponent] = String(value).split("e");
  const decimals = mantissa.split(".")[1]?.length ?? 0;
  return Math.max(0, decimals - Number(exponent ?? 0));
}

/**
 * Return the decimals that a value of this magnitude needs to have about four digits.
 *
 * @param {number} magnitude
 */
export function usefulDecimals(magnitude) {
  if (magnitude >= 1_000) return 1;
  if (magnitude >= 1 || magnitude === 0) return 2;
  return 2 - Math.floor(Math.log10(magnitude));
}

/**
 * @param {Sample} sample
 * @param {string | null} unit
 * @param {boolean} isCounter
 * @param {ValueDigits} [current]
 * @returns {ValueDigits}
 */
function chooseDigits({ sent, typical, spread }, unit, isCounter, current) {
  const kept = current && scaleDown(typical, current.power);
  const isKept = kept !== undefined && (kept === 0 || (kept >= MIN_KEPT && kept < MAX_KEPT));
  const power = current && isKept ? current.power : prefixPower(typical, unit);
  const [scaled, scaledSpread] = [scaleDown(typical, power), scaleDown(spread, power)];
  const maxDecimals = Math.max(0, sent + power);
  const count = (/** @type {number} */ factor) => {
    const needed = neededDecimals(scaled / factor, scaledSpread / factor);
    return Math.min(maxDecimals, isCounter ? Math.max(needed, COUNTER_DECIMALS) : needed);
  };
  let decimals = count(1);
  if (current?.power === power) {
    const [fewest, most] = [count(1 / LEEWAY), count(LEEWAY)];
    decimals = Math.max(fewest, Math.min(most, current.decimals));
  }
  // The zeros of 0.001 are not digits.
  const integerDigits = scaled > 0 ? Math.floor(Math.log10(scaled)) + 1 : 1;
  const meanDecimals = Math.max(decimals, Math.min(decimals + 1, MEAN_DIGITS - integerDigits));
  return { power, decimals, meanDecimals };
}

/**
 * Return the decimals that show a value and its changes.
 *
 * @param {number} magnitude
 * @param {number} spread
 */
function neededDecimals(magnitude, spread) {
  // Calculated values, such as a rate, differ by rounding errors that are no changes.
  const isChange = spread > magnitude / 10 ** MAX_DIGITS;
  const forChanges = isChange ? Math.ceil(-Math.log10(spread)) : 0;
  const integerDigits = magnitude >= 1 ? Math.floor(Math.log10(magnitude)) + 1 : 1;
  return Math.max(usefulDecimals(magnitude), Math.min(forChanges, MAX_DIGITS - integerDigits));
}

/**
 * @param {DigitSource} series
 * @returns {Sample | null} null without values
 */
function takeSample(series) {
  const values = sampleValues(series);
  if (!values.length) return null;
  const magnitudes = values.map(Math.abs).filter(Boolean).sort((a, b) => a - b);
  return {
    sent: Math.max(...values.map(sentDecimals)),
    typical: magnitudes[magnitudes.length >> 1] ?? 0,
    spread: Math.max(...values) - Math.min(...values),
  };
}

/**
 * Return some of the values that were sent: of single readings, and extremes of buckets.
 *
 * @param {DigitSource} series
 * @returns {number[]}
 */
function sampleValues({ readings, layers = [], newest }) {
  const values = newest ? [newest.value] : [];
  if (readings) addEvenly(values, readings.mean, readings.start, readings.end);
  for (const { min, max, end } of layers) {
    if (values.length >= MAX_SAMPLES) break;
    addEvenly(values, min, 0, end);
    addEvenly(values, max, 0, end);
  }
  return values.filter(Number.isFinite);
}

/**
 * Add some values of a column, at even distances: the newest ones alone may all be alike.
 *
 * @param {number[]} values
 * @param {Float64Array} column
 * @param {number} start
 * @param {number} end
 */
function addEvenly(values, column, start, end) {
  const step = Math.max(1, Math.floor((end - start) / MAX_SAMPLES));
  for (let i = end - 1; i >= start; i -= step) values.push(column[i]);
}
