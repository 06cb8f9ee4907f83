/** @typedef {import("./localTime.js").CalendarUnit} CalendarUnit */
/**
 * Range of time in seconds: a live window of a length, or a fixed range. The live window of length
 * Infinity shows all readings. One with `since` begins with the current day, week or month; its
 * length grows until the next one begins.
 *
 * @typedef {{ span: number, since?: CalendarUnit } | { from: number, to: number }} TimeRange
 */

/** Names of the live windows that begin with the current day, week or month. */
export const SINCE_NAMES = /** @type {const} */ ({
  day: "today",
  week: "this-week",
  month: "this-month",
});

/**
 * Live windows that have a name; `all` reaches back to the first reading.
 *
 * @type {readonly { name: string, span: number }[]}
 */
export const RANGE_PRESETS = [
  { name: "1m", span: 60 },
  { name: "5m", span: 300 },
  { name: "1h", span: 3_600 },
  { name: "24h", span: 86_400 },
  { name: "7d", span: 604_800 },
  { name: "30d", span: 2_592_000 },
  { name: "all", span: Infinity },
];

/** @type {Record<string, string>} */
const UNIT_LABELS = { s: "s", m: "min", h: "h", d: "d", w: "w" };

/**
 * Return the text of a time window, such as "24 h" for `24h`.
 *
 * @param {string} name a length with its unit, or `all`
 */
export function labelWindow(name) {
  const unit = UNIT_LABELS[name.slice(-1)];
  return unit ? `${name.slice(0, -1)} ${unit}` : "All";
}

const UNIT_SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/**
 * Format a range for an address: `5m`, `90s`, `all`, `today`, or `1763790000..1763793600.5`.
 *
 * @param {TimeRange} range
 * @returns {string}
 */
export function formatRange(range) {
  if ("from" in range) {
    return `${roundToMilliseconds(range.from)}..${roundToMilliseconds(range.to)}`;
  }
  if (range.since) return SINCE_NAMES[range.since];
  const preset = RANGE_PRESETS.find(({ span }) => span === range.span);
  return preset ? preset.name : `${roundToMilliseconds(range.span)}s`;
}

/**
 * Parse a length or a fixed range as `formatRange` writes it; also accepts `90m`, `2d` or `1w`.
 *
 * @param {string} text
 * @returns {TimeRange | null} null if it is not a range
 */
export function parseRange(text) {
  const preset = RANGE_PRESETS.find(({ name }) => name === text);
  if (preset) return { span: preset.span };
  const length = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text);
  if (length) {
    const unit = /** @type {keyof typeof UNIT_SECONDS} */ (length[2]);
    const span = Number(length[1]) * UNIT_SECONDS[unit];
    return span > 0 ? { span } : null;
  }
  const ends = /^(\d+(?:\.\d+)?)\.\.(\d+(?:\.\d+)?)$/.exec(text);
  if (!ends) return null;
  const [from, to] = [Number(ends[1]), Number(ends[2])];
  return from < to ? { from, to } : null;
}

/**
 * Round to whole milliseconds.
 *
 * @param {number} seconds
 */
const roundToMilliseconds = (seconds) => Math.round(seconds * 1_000) / 1_000;
