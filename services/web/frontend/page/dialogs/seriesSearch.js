/**
 * @typedef {{ name: string, unit: string | null, last?: number | null,
 *             value?: number | null }} ListedSeries
 *   a series as `/api/series` lists it; `last` is the time of its newest reading in seconds
 */

/** Rows of the list: a browser needs a second to lay out some thousands. */
export const MAX_ROWS = 200;

/**
 * Find the series whose name contains every word of a search; a word may also be the unit.
 * Selected series come first, then those with the newest readings.
 *
 * @param {ListedSeries[]} all
 * @param {string} search
 * @param {Set<string>} selected
 * @returns {ListedSeries[]}
 */
export function searchSeries(all, search, selected) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (/** @type {ListedSeries} */ series) => {
    const name = series.name.toLowerCase();
    const unit = (series.unit ?? "").toLowerCase();
    return words.every((word) => name.includes(word) || unit === word);
  };
  const rank = (/** @type {ListedSeries} */ { name }) => (selected.has(name) ? 0 : 1);
  return all
    .filter(matches)
    .sort((a, b) => rank(a) - rank(b) || (b.last ?? 0) - (a.last ?? 0));
}
