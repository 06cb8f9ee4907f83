/**
 * Units that take SI prefixes, with the smallest and the largest power of ten in use.
 *
 * All other units stay as they were sent: nobody writes 1.2 k°C or 3 m%. C and F are degrees more
 * often than coulomb and farad.
 *
 * @type {Map<string, [number, number]>}
 */
const PREFIX_POWERS = new Map([
  ...withPowers("W V A Ω H Hz Pa J N T S eV VA var Bq", -12, 12),
  ...withPowers("g m Gy Sv", -12, 3),
  ...withPowers("l L mol", -12, 0),
  ...withPowers("Wh VAh varh B bit B/s bit/s bps", 0, 15),
  ...withPowers("s", -12, 0),
]);

/**
 * @param {string} units separated by spaces
 * @param {number} minPower
 * @param {number} maxPower
 * @returns {[string, [number, number]][]}
 */
function withPowers(units, minPower, maxPower) {
  return units.split(" ").map((unit) => [unit, [minPower, maxPower]]);
}

/** Prefixes by their power of ten. @type {Map<number, string>} */
const PREFIXES = new Map([
  [-12, "p"],
  [-9, "n"],
  [-6, "µ"],
  [-3, "m"],
  [0, ""],
  [3, "k"],
  [6, "M"],
  [9, "G"],
  [12, "T"],
  [15, "P"],
]);

/**
 * Return the power of ten of the prefix that fits a magnitude.
 *
 * @param {number} magnitude
 * @param {string | null} unit
 */
export function prefixPower(magnitude, unit) {
  const [minPower, maxPower] = PREFIX_POWERS.get(unit ?? "") ?? [0, 0];
  if (magnitude === 0 || !Number.isFinite(magnitude)) return 0;
  // Tenths have no prefix: 0.5 V reads better than 500 mV.
  const isTenths = magnitude < 1 && magnitude >= 0.1;
  const power = isTenths ? 0 : 3 * Math.floor(Math.log10(magnitude) / 3 + 1e-9);
  return Math.min(maxPower, Math.max(minPower, power));
}

/**
 * Return a unit with the prefix of a power of ten.
 *
 * @param {number} power
 * @param {string | null} unit
 */
export const prefixedUnit = (power, unit) => `${PREFIXES.get(power) ?? ""}${unit ?? ""}`;

/**
 * Divide a value by a power of ten, without rounding errors beyond its 15 reliable digits.
 *
 * @param {number} value
 * @param {number} power
 */
export const scaleDown = (value, power) =>
  power ? Number((value / 10 ** power).toPrecision(15)) : value;
