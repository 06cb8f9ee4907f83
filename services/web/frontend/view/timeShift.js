/** Lengths of the units in seconds; the first name is the one in addresses. */
const UNITS = [
  { seconds: 604_800, noun: "week", names: ["w", "week", "weeks"] },
  { seconds: 86_400, noun: "day", names: ["d", "day", "days"] },
  { seconds: 3_600, noun: "hour", names: ["h", "hr", "hour", "hours"] },
  { seconds: 60, noun: "minute", names: ["m", "min", "minute", "minutes"] },
  { seconds: 1, noun: "second", names: ["s", "second", "seconds"] },
];
const SHIFT = /^(\d+(?:[.,]\d+)?)\s*([a-z]+)$/i;
const MIN_SHIFT_SECONDS = 60;
/** Ten years. */
const MAX_SHIFT_SECONDS = 3_653 * 86_400;
/** Shorter shifts have whole days: "7 days ago" rather than "1 week ago". */
const MIN_WEEKS_SECONDS = 2 * 604_800;

/**
 * Parse how far a shift goes back: `1d`, `3 h`, `2 weeks`. A day always has 86,400 seconds.
 *
 * @param {string} text
 * @returns {number | null} seconds; null if it is no shift from a minute to ten years
 */
export function parseShift(text) {
  const match = SHIFT.exec(text.trim());
  const unit = UNITS.find(({ names }) => names.includes(match?.[2].toLowerCase() ?? ""));
  if (!match || !unit) return null;
  const seconds = Math.round(Number(match[1].replace(",", ".")) * unit.seconds);
  return seconds >= MIN_SHIFT_SECONDS && seconds <= MAX_SHIFT_SECONDS ? seconds : null;
}

/**
 * Format a shift for an address: `1d`.
 *
 * @param {number} seconds
 */
export function formatShift(seconds) {
  const { count, unit } = inUnits(seconds);
  return `${count}${unit.names[0]}`;
}

/**
 * Format a shift for people: "1 day ago".
 *
 * @param {number} seconds
 */
export function shiftText(seconds) {
  const { count, unit } = inUnits(seconds);
  return `${count} ${unit.noun}${count === 1 ? "" : "s"} ago`;
}

/** @param {number} seconds */
function inUnits(seconds) {
  const isWhole = (/** @type {number} */ length) => seconds % length === 0;
  const units = seconds < MIN_WEEKS_SECONDS ? UNITS.slice(1) : UNITS;
  const unit = units.find((one) => isWhole(one.seconds)) ?? UNITS[UNITS.length - 1];
  return { count: seconds / unit.seconds, unit };
}
