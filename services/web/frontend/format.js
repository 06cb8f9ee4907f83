/** @type {Map<string, Intl.NumberFormat>} */
const numbers = new Map();

/**
 * @param {Intl.NumberFormatOptions} options
 * @param {number} value
 */
function number(options, value) {
  const key = JSON.stringify(options);
  let format = numbers.get(key);
  if (!format) numbers.set(key, (format = new Intl.NumberFormat(undefined, options)));
  return format.format(value);
}

/**
 * A value for reading: about four digits that matter, none that were not sent.
 *
 * @param {number} value
 * @returns {string}
 */
export function formatValue(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e9 || size < 1e-4)) {
    return number({ notation: "scientific", maximumFractionDigits: 3 }, value);
  }
  const most = size >= 1_000 ? 1 : size >= 1 || size === 0 ? 2 : 2 - Math.floor(Math.log10(size));
  const sent = (String(value).split(".")[1] ?? "").length;
  const digits = Math.min(most, sent);
  return number({ minimumFractionDigits: digits, maximumFractionDigits: digits }, value);
}

/**
 * A value on an axis: as many digits as the step between two labels needs.
 *
 * @param {number} value
 * @param {number} step
 * @returns {string}
 */
export function formatTick(value, step) {
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  if (Math.max(Math.abs(value), step) >= 1e15 || digits > 8) {
    return number({ notation: "scientific", maximumFractionDigits: 2 }, value);
  }
  if (step >= 1_000) return number({ notation: "compact", maximumFractionDigits: 3 }, value);
  return number({ minimumFractionDigits: digits, maximumFractionDigits: digits }, value);
}

/** @param {number} count */
export function formatCount(count) {
  return number({ maximumFractionDigits: 0 }, count);
}

/**
 * How long ago, in words.
 *
 * @param {number} seconds
 * @returns {string}
 */
export function formatAge(seconds) {
  const steps = /** @type {const} */ ([
    [90, 1, "s"],
    [5_400, 60, "min"],
    [129_600, 3_600, "h"],
    [Infinity, 86_400, "d"],
  ]);
  if (seconds < 2) return "just now";
  const [, unit, name] = steps.find(([limit]) => seconds < limit) ?? steps[3];
  return `${Math.floor(seconds / unit)} ${name} ago`;
}

/** Times as the person who looks at the page writes them, in their own zone. */
export class TimeFormat {
  /** @param {string} [zone] the viewer's own unless given */
  constructor(zone) {
    const make = (/** @type {Intl.DateTimeFormatOptions} */ options) =>
      new Intl.DateTimeFormat(undefined, { ...options, timeZone: zone });
    this.minutes = make({ hour: "2-digit", minute: "2-digit" });
    this.seconds = make({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
    this.days = make({ day: "numeric", month: "short" });
    this.full = make({
      year: "numeric",
      month: "short",
      day: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      fractionalSecondDigits: 3,
    });
  }

  /**
   * The label of a time axis.
   *
   * @param {number} time seconds
   * @param {number} step seconds between two labels
   */
  tick(time, step) {
    const format = step < 60 ? this.seconds : step < 86_400 ? this.minutes : this.days;
    return format.format(time * 1_000);
  }

  /** @param {number} time seconds */
  moment(time) {
    return this.full.format(time * 1_000);
  }

  /** @param {number} time seconds */
  clock(time) {
    return this.seconds.format(time * 1_000);
  }
}

/**
 * Seconds that the viewer's zone is ahead of UTC at a time.
 *
 * @param {number} time seconds
 */
export function zoneOffset(time) {
  return -new Date(time * 1_000).getTimezoneOffset() * 60;
}

/**
 * @param {number} value
 * @param {string | null} unit
 */
export function withUnit(value, unit) {
  return unit ? `${formatValue(value)} ${unit}` : formatValue(value);
}
