import { formatWithUnit } from "../../format.js";

/** @typedef {import("../../chart/limitLines.js").Limit} Limit */

/**
 * Return the limits with their labels.
 *
 * @param {Limit[]} limits
 * @param {string | null} unit
 * @returns {Limit[]}
 */
export function labelLimits(limits, unit) {
  return limits.map((limit) => ({ ...limit, label: limitLabel(limit, unit) }));
}

/**
 * @param {Limit} limit
 * @param {string | null} unit
 */
function limitLabel({ from, to }, unit) {
  const [low, high] = [from, to].map((end) => formatWithUnit(end, unit));
  if (from === to) return low;
  if (from === -Infinity) return `up to ${high}`;
  return to === Infinity ? `from ${low}` : `${low} to ${high}`;
}
