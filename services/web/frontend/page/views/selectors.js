import { sortNaturally } from "../naturalOrder.js";

/** @typedef {import("../labels.js").SeriesPoint} SeriesPoint */
/** @typedef {{ name: string, tags?: SeriesPoint | null }} SelectableSeries */
/**
 * Names or patterns with `*`, of which one must match, and tags `key=value`, of which each key
 * must match. Without names all series match.
 *
 * @typedef {{ series: string[], tags: string[] }} Selectors
 */

/**
 * Return the names of the series that match, in the order of the selectors; those of one pattern
 * in natural order.
 *
 * @param {Selectors} selectors
 * @param {SelectableSeries[]} all
 * @returns {string[]}
 */
export function matchingNames({ series, tags }, all) {
  if (!series.length && !tags.length) return [];
  const conditions = parseTags(tags);
  const candidates = all.filter((one) => hasTags(one, conditions));
  const names = sortNaturally(candidates.map(({ name }) => name), (name) => name);
  if (!series.length) return names;
  const known = new Set(names);
  const matching = series.flatMap((text) => {
    if (!text.includes("*")) return known.has(text) ? [text] : [];
    return names.filter((name) => matchesPattern(text, name));
  });
  return [...new Set(matching)];
}

/**
 * Return true if a pattern matches the whole text; `*` matches any characters, or none.
 *
 * @param {string} pattern
 * @param {string} text
 */
export function matchesPattern(pattern, text) {
  const parts = pattern.split("*");
  if (parts.length === 1) return pattern === text;
  const first = parts[0];
  const last = parts[parts.length - 1];
  if (text.length < first.length + last.length) return false;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let start = first.length;
  // The first place for each part is right, because a later one leaves less of the text.
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, start);
    if (found < 0 || found + part.length > end) return false;
    start = found + part.length;
  }
  return true;
}

/**
 * Return the values by key; values of one key are alternatives.
 *
 * @param {string[]} tags such as `host=web-01`
 * @returns {Map<string, string[]>}
 */
function parseTags(tags) {
  /** @type {Map<string, string[]>} */
  const conditions = new Map();
  for (const tag of tags) {
    const equals = tag.indexOf("=");
    const key = tag.slice(0, equals);
    conditions.set(key, [...(conditions.get(key) ?? []), tag.slice(equals + 1)]);
  }
  return conditions;
}

/**
 * @param {SelectableSeries} series
 * @param {Map<string, string[]>} conditions
 */
function hasTags({ tags }, conditions) {
  for (const [key, values] of conditions) {
    const value = valueOf(tags ?? null, key);
    const matches = value === undefined
      ? values.includes("")
      : values.some((one) => one !== "" && matchesPattern(one, value));
    if (!matches) return false;
  }
  return true;
}

/**
 * @param {SeriesPoint | null} point
 * @param {string} key
 * @returns {string | undefined} undefined if the series has no such tag
 */
function valueOf(point, key) {
  if (key === "measurement" || key === "field") return point?.[key];
  return point?.tags[key];
}
