/** Formatters by their options; creating one is slow. @type {Map<string, Intl.NumberFormat>} */
const formatters = new Map();

/**
 * @param {Intl.NumberFormatOptions} options
 * @param {number} value
 */
function formatNumber(options, value) {
  const key = JSON.stringify(options);
  let formatter = formatters.get(key);
  if (!formatter) {
    formatter = new Intl.NumberFormat(undefined, options);
    formatters.set(key, formatter);
  }
  return formatter.format(value);
}

/**
 * Format a value with about four significant digits, but no more decimals than were sent.
 *
 * @param {number} value
 * @returns {string}
 */
export function formatValue(value) {
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude >= 1e9 || magnitude < 1e-4)) {
    return formatNumber({ notation: "scientific", maximumFractionDigits: 3 }, value);
  }
  const sentDecimals = (String(value).split(".")[1] ?? "").length;
  const decimals = Math.min(usefulDecimals(magnitude), sentDecimals);
  return formatDecimals(value, decimals);
}

/** @param {number} magnitude */
function usefulDecimals(magnitude) {
  if (magnitude >= 1_000) return 1;
  if (magnitude >= 1 || magnitude === 0) return 2;
  return 2 - Math.floor(Math.log10(magnitude));
}

/**
 * @param {number} value
 * @param {number} decimals
 */
const formatDecimals = (value, decimals) =>
  formatNumber({ minimumFractionDigits: decimals, maximumFractionDigits: decimals }, value);

/**
 * Units that take SI prefixes, with the smallest and the largest power of ten in use.
 *
 * All other units stay as they were sent: nobody writes 1.2 k°C or 3 m%.
 *
 * @type {Map<string, [number, number]>}
 */
const PREFIX_POWERS = new Map([
  ...withPowers("W V A Ω F H Hz Pa J N T S C eV VA var Bq", -12, 12),
  ...withPowers("g l L m Gy Sv mol", -12, 3),
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
function prefixPower(magnitude, unit) {
  const [minPower, maxPower] = PREFIX_POWERS.get(unit ?? "") ?? [0, 0];
  if (magnitude === 0 || !Number.isFinite(magnitude)) return 0;
  // Tenths have no prefix: 0.5 V reads better than 500 mV.
  const isTenths = magnitude < 1 && magnitude >= 0.1;
  const power = isTenths ? 0 : 3 * Math.floor(Math.log10(magnitude) / 3 + 1e-9);
  return Math.min(maxPower, Math.max(minPower, power));
}

/**
 * Format a value and its unit separately, with an SI prefix where it is common: 1,234 W is 1.23
 * and kW.
 *
 * @param {number} value
 * @param {string | null} unit
 * @returns {{ number: string, unit: string }}
 */
export function formatToParts(value, unit) {
  // Round first: 999.99 is displayed as 1,000 and needs the prefix of 1,000.
  const power = prefixPower(Number(Math.abs(value).toPrecision(4)), unit);
  // A number has 15 reliable digits; scaling adds rounding errors beyond them.
  const scaled = power ? Number((value / 10 ** power).toPrecision(15)) : value;
  return { number: formatValue(scaled), unit: `${PREFIXES.get(power)}${unit ?? ""}` };
}

/**
 * Format a value with its unit, if it has one.
 *
 * @param {number} value
 * @param {string | null} unit
 */
export function formatWithUnit(value, unit) {
  const parts = formatToParts(value, unit);
  return parts.unit ? `${parts.number} ${parts.unit}` : parts.number;
}

/**
 * Format a label of a value axis with as many decimals as the step needs.
 *
 * The unit is included only if it has a prefix, which all labels share. Without a prefix the unit
 * is displayed beside the chart.
 *
 * @param {number} value
 * @param {number} step distance between two labels
 * @param {string | null} [unit]
 * @param {number} [maxMagnitude] magnitude of the largest value on the axis
 * @returns {string}
 */
export function formatTick(value, step, unit = null, maxMagnitude = step) {
  const power = prefixPower(maxMagnitude, unit);
  if (power && value === 0) return "0";
  if (power) {
    const scaled = formatTick(value / 10 ** power, step / 10 ** power);
    return `${scaled} ${PREFIXES.get(power)}${unit}`;
  }
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  if (Math.max(Math.abs(value), step) >= 1e15 || decimals > 8) {
    return formatNumber({ notation: "scientific", maximumFractionDigits: 2 }, value);
  }
  if (step >= 1_000) {
    return formatNumber({ notation: "compact", maximumFractionDigits: 3 }, value);
  }
  return formatDecimals(value, decimals);
}

/** @param {number} count */
export function formatCount(count) {
  return formatNumber({ maximumFractionDigits: 0 }, count);
}

/**
 * Format an age: "12 s ago".
 *
 * @param {number} seconds
 * @returns {string}
 */
export function formatAge(seconds) {
  const units = /** @type {const} */ ([
    { limit: 90, length: 1, name: "s" },
    { limit: 5_400, length: 60, name: "min" },
    { limit: 129_600, length: 3_600, name: "h" },
    { limit: Infinity, length: 86_400, name: "d" },
  ]);
  if (seconds < 2) return "just now";
  const { length, name } = units.find(({ limit }) => seconds < limit) ?? units[3];
  return `${Math.floor(seconds / length)} ${name} ago`;
}

/**
 * Format a delay, in milliseconds if it is below 1 s.
 *
 * @param {number} seconds
 * @returns {string}
 */
export function formatDelay(seconds) {
  if (seconds < 0.9995) return `${Math.max(0, Math.round(seconds * 1_000))} ms`;
  return `${formatNumber({ maximumFractionDigits: seconds < 10 ? 1 : 0 }, seconds)} s`;
}

/**
 * Format a duration in the largest unit of which it has at least one.
 *
 * @param {number} seconds
 * @returns {string}
 */
export function formatDuration(seconds) {
  const units = /** @type {const} */ ([
    { length: 86_400, name: "d" },
    { length: 3_600, name: "h" },
    { length: 60, name: "min" },
    { length: 1, name: "s" },
  ]);
  const unit = units.find(({ length }) => seconds >= length) ?? units[3];
  return `${formatNumber({ maximumFractionDigits: 1 }, seconds / unit.length)} ${unit.name}`;
}

/** Formats times in the language and the time zone of the user. */
export class TimeFormat {
  #time;
  #date;
  #dateTimeWithoutYear;
  #dateTime;
  #dateTimeWithMilliseconds;

  /** @param {string} [zone] the user's by default */
  constructor(zone) {
    const formatter = (/** @type {Intl.DateTimeFormatOptions} */ options) =>
      new Intl.DateTimeFormat(undefined, { ...options, timeZone: zone });
    const time = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
    const day = /** @type {const} */ ({ month: "short", day: "numeric" });
    const year = /** @type {const} */ ({ year: "numeric" });
    const milliseconds = /** @type {const} */ ({ fractionalSecondDigits: 3 });
    this.#time = formatter(time);
    this.#date = formatter({ ...year, ...day });
    this.#dateTimeWithoutYear = formatter({ ...day, ...time });
    this.#dateTime = formatter({ ...year, ...day, ...time });
    this.#dateTimeWithMilliseconds = formatter({ ...year, ...day, ...time, ...milliseconds });
  }

  /**
   * Format a date and time, with milliseconds unless the precision is 1 s or coarser.
   *
   * @param {number} time seconds
   * @param {number} [precisionSeconds]
   */
  dateTime(time, precisionSeconds = 0) {
    const isCoarse = precisionSeconds >= 1;
    return (isCoarse ? this.#dateTime : this.#dateTimeWithMilliseconds).format(time * 1_000);
  }

  /**
   * Format the time of the day, to the second.
   *
   * @param {number} time seconds
   */
  timeOfDay(time) {
    return this.#time.format(time * 1_000);
  }

  /**
   * Format a range without repeating what both ends have in common.
   *
   * From 3 days on it has no time of the day, and a shorter one in the current year has no year.
   *
   * @param {number} from seconds
   * @param {number} to seconds
   * @param {number} [now] seconds
   */
  range(from, to, now = Date.now() / 1_000) {
    const [year, currentYear] = [from, now].map((time) => new Date(time * 1_000).getFullYear());
    const dateTime = year === currentYear ? this.#dateTimeWithoutYear : this.#dateTime;
    const formatter = to - from < 3 * 86_400 ? dateTime : this.#date;
    return formatter.formatRange(from * 1_000, to * 1_000);
  }
}

/**
 * Return the seconds that the user's time zone is ahead of UTC at a time.
 *
 * @param {number} time seconds
 */
export function zoneOffsetSeconds(time) {
  return -new Date(time * 1_000).getTimezoneOffset() * 60;
}
