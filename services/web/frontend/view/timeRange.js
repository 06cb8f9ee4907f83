/**
 * The windows that people ask for by name, in seconds; `all` is as long as there are readings.
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

const UNITS = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** A window in words: live, as long as `span`, or standing from one time to another. */
/** @typedef {{ span: number } | { from: number, to: number }} TimeRange in seconds */

/**
 * What a view shows as one word for an address: `5m`, `90s`, `all`, or `1763790000..1763793600.5`.
 *
 * @param {TimeRange} asked
 * @returns {string}
 */
export function formatRange(asked) {
  if ("from" in asked) return `${milliseconds(asked.from)}..${milliseconds(asked.to)}`;
  const preset = RANGE_PRESETS.find(({ span }) => span === asked.span);
  return preset ? preset.name : `${milliseconds(asked.span)}s`;
}

/**
 * The opposite of writeRange.
 *
 * @param {string} text
 * @returns {TimeRange | null} null when it is no such word
 */
export function parseRange(text) {
  const preset = RANGE_PRESETS.find(({ name }) => name === text);
  if (preset) return { span: preset.span };
  const length = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text);
  if (length) {
    const span = Number(length[1]) * UNITS[/** @type {keyof typeof UNITS} */ (length[2])];
    return span > 0 ? { span } : null;
  }
  const ends = /^(\d+(?:\.\d+)?)\.\.(\d+(?:\.\d+)?)$/.exec(text);
  if (!ends) return null;
  const [from, to] = [Number(ends[1]), Number(ends[2])];
  return from < to ? { from, to } : null;
}

/** @param {number} seconds */
const milliseconds = (seconds) => Math.round(seconds * 1_000) / 1_000;
