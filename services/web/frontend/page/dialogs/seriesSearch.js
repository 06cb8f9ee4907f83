import { shortLabels } from "../labels.js";
import { sortNaturally } from "../naturalOrder.js";

/**
 * @typedef {{ name: string, unit: string | null, label?: string | null,
 *             tags?: import("../labels.js").SeriesPoint | null, last?: number | null,
 *             value?: number | null, kind?: string | null, guessed_kind?: string,
 *             decimals?: number | null, states?: Record<string, string> | null,
 *             sample?: import("../../store/seriesDescription.js").ValueSample | null,
 *           }} ListedSeries
 *   a series as `/api/series` lists it; `last` is the time of its newest reading in seconds
 */
/**
 * @typedef {object} IndexedSeries
 * @property {ListedSeries} series
 * @property {string} label
 * @property {string} text everything that a word can be found in
 * @property {Set<string>} words whole words of that text
 * @property {string} unit
 */

/** Rows of the list: a browser needs a second to lay out some thousands. */
export const MAX_ROWS = 200;

/**
 * Prepare series for many searches.
 *
 * @param {ListedSeries[]} all
 * @returns {IndexedSeries[]} in the natural order of their labels
 */
export function indexSeries(all) {
  const labels = shortLabels(all);
  const indexed = all.map((series) => {
    const { name, tags, unit } = series;
    const label = labels.get(name) ?? name;
    const pairs = Object.entries(tags?.tags ?? {}).map(([key, value]) => `${key}=${value}`);
    const parts = [name, label, tags?.measurement, tags?.field, ...pairs];
    const text = plain(parts.filter(Boolean).join(" "));
    const words = new Set(text.split(/[^\p{L}\p{N}]+/u));
    return { series, label, text, words, unit: plain(unit ?? "") };
  });
  return sortNaturally(indexed, ({ label }) => label);
}

/**
 * Find the series of which the name, the label or the tags contain every word of a search; a word
 * may also be the unit.
 *
 * Whole words come first: a search for cpu1 finds cpu1 before cpu10. Without a search the selected
 * series come first.
 *
 * @param {IndexedSeries[]} index
 * @param {string} search
 * @param {Set<string>} selected
 * @returns {IndexedSeries[]}
 */
export function searchSeries(index, search, selected) {
  const words = plain(search).split(/\s+/).filter(Boolean);
  if (!words.length) return partition(index, ({ series }) => selected.has(series.name));
  const found = index.filter(({ text, unit }) =>
    words.every((word) => text.includes(word) || unit === word),
  );
  return partition(found, (one) =>
    words.every((word) => one.words.has(word) || one.unit === word),
  );
}

/**
 * Return the items that come first, then the others; both keep their order.
 *
 * @template Item
 * @param {Item[]} items
 * @param {(item: Item) => boolean} comesFirst
 * @returns {Item[]}
 */
function partition(items, comesFirst) {
  return [...items.filter(comesFirst), ...items.filter((item) => !comesFirst(item))];
}

/**
 * Return a text without case and accents.
 *
 * @param {string} text
 */
const plain = (text) => text.normalize("NFD").replace(/\p{Mn}/gu, "").toLowerCase();
