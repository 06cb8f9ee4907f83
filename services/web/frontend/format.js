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
 * Units that take prefixes, with the powers of ten that people use with each. All others are left
 * as they were sent: nobody says 1.2 k°C, or 3 m%.
 *
 * @type {Map<string, [number, number]>}
 */
const SCALED = new Map([
  ...["W", "V", "A", "Ω", "F", "H", "Hz", "Pa", "J", "N", "T", "S", "C", "eV", "VA", "var", "Bq"].map(
    (unit) => /** @type {[string, [number, number]]} */ ([unit, [-12, 12]]),
  ),
  ...["g", "l", "L", "m", "Gy", "Sv", "mol"].map(
    (unit) => /** @type {[string, [number, number]]} */ ([unit, [-12, 3]]),
  ),
  ...["Wh", "VAh", "varh", "B", "bit", "B/s", "bit/s", "bps"].map(
    (unit) => /** @type {[string, [number, number]]} */ ([unit, [0, 15]]),
  ),
  ["s", [-12, 0]],
]);

/** @type {Map<number, string>} */
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
 * The power of ten whose prefix fits a size.
 *
 * @param {number} size
 * @param {string | null} unit
 */
function powerOf(size, unit) {
  const [least, most] = SCALED.get(unit ?? "") ?? [0, 0];
  if (size === 0 || !Number.isFinite(size)) return 0;
  // A tenth is still told as such: 0.5 V rather than 500 mV.
  const power = size < 1 && size >= 0.1 ? 0 : 3 * Math.floor(Math.log10(size) / 3 + 1e-9);
  return Math.min(most, Math.max(least, power));
}

/**
 * A value and its unit, with a prefix where people would use one: 1,234 W are 1.23 kW.
 *
 * @param {number} value
 * @param {string | null} unit
 * @returns {{ number: string, unit: string }}
 */
export function formatToParts(value, unit) {
  // What is written as 1,000 has the prefix of 1,000.
  const power = powerOf(Number(Math.abs(value).toPrecision(4)), unit);
  // Fifteen digits are what a number holds; beyond them scaling leaves dirt.
  const scaled = power ? Number((value / 10 ** power).toPrecision(15)) : value;
  return { number: formatValue(scaled), unit: `${PREFIXES.get(power)}${unit ?? ""}` };
}

/**
 * @param {number} value
 * @param {string | null} unit
 */
export function formatWithUnit(value, unit) {
  const told = formatToParts(value, unit);
  return told.unit ? `${told.number} ${told.unit}` : told.number;
}

/**
 * A value on an axis: as many digits as the step between two labels needs. A unit is told only
 * with a prefix, which all labels share; without one it stands beside the chart.
 *
 * @param {number} value
 * @param {number} step
 * @param {string | null} [unit]
 * @param {number} [size] of the greatest value on the axis
 * @returns {string}
 */
export function formatTick(value, step, unit = null, size = step) {
  const power = powerOf(size, unit);
  if (power && value === 0) return "0";
  if (power) {
    const scaled = formatTick(value / 10 ** power, step / 10 ** power);
    return `${scaled} ${PREFIXES.get(power)}${unit}`;
  }
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

/**
 * A delay, in milliseconds where it is short.
 *
 * @param {number} seconds
 * @returns {string}
 */
export function formatDelay(seconds) {
  if (seconds < 0.9995) return `${Math.max(0, Math.round(seconds * 1_000))} ms`;
  return `${number({ maximumFractionDigits: seconds < 10 ? 1 : 0 }, seconds)} s`;
}

/**
 * A length of time, in the greatest unit that it fills.
 *
 * @param {number} seconds
 * @returns {string}
 */
export function formatDuration(seconds) {
  const steps = /** @type {const} */ ([
    [86_400, "d"],
    [3_600, "h"],
    [60, "min"],
    [1, "s"],
  ]);
  const [unit, name] = steps.find(([least]) => seconds >= least) ?? steps[3];
  return `${number({ maximumFractionDigits: 1 }, seconds / unit)} ${name}`;
}

/** Times as the person who looks at the page writes them, in their own zone. */
export class TimeFormat {
  /** @param {string} [zone] the viewer's own unless given */
  constructor(zone) {
    const make = (/** @type {Intl.DateTimeFormatOptions} */ options) =>
      new Intl.DateTimeFormat(undefined, { ...options, timeZone: zone });
    this.seconds = make({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
    this.dates = make({ year: "numeric", month: "short", day: "numeric" });
    this.span = make({
      month: "short",
      day: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    const whole = /** @type {const} */ ({
      year: "numeric",
      month: "short",
      day: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    this.whole = make(whole);
    this.full = make({ ...whole, fractionalSecondDigits: 3 });
  }

  /**
   * @param {number} time seconds
   * @param {number} [precision] seconds that matter: from a second on, no parts of one are told
   */
  dateTime(time, precision = 0) {
    return (precision < 1 ? this.full : this.whole).format(time * 1_000);
  }

  /** @param {number} time seconds */
  timeOfDay(time) {
    return this.seconds.format(time * 1_000);
  }

  /**
   * From one time to another, in as few words as tell them apart.
   *
   * @param {number} from seconds
   * @param {number} to seconds
   * @param {number} [now] seconds: of its year the number is not told
   */
  range(from, to, now = Date.now() / 1_000) {
    const [first, today] = [from, now].map((time) => new Date(time * 1_000).getFullYear());
    const short = first === today ? this.span : this.whole;
    const format = to - from < 3 * 86_400 ? short : this.dates;
    return format.formatRange(from * 1_000, to * 1_000);
  }
}

/**
 * Seconds that the viewer's zone is ahead of UTC at a time.
 *
 * @param {number} time seconds
 */
export function zoneOffsetSeconds(time) {
  return -new Date(time * 1_000).getTimezoneOffset() * 60;
}
