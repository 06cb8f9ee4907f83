/**
 * @typedef {{ name: string, unit: string | null, last?: number | null,
 *             value?: number | null }} Listed a series as the server lists it
 */

/** Series that the list shows at most: a browser takes a second for some thousands. */
export const MOST_LISTED = 200;

/**
 * The series that a search finds: every word of it is in the name or is the unit. Chosen ones come
 * first, then the ones with the newest readings.
 *
 * @param {Listed[]} all
 * @param {string} search
 * @param {Set<string>} chosen
 * @returns {Listed[]}
 */
export function found(all, search, chosen) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (/** @type {Listed} */ { name, unit }) => {
    const [text, ofUnit] = [name.toLowerCase(), (unit ?? "").toLowerCase()];
    return words.every((word) => text.includes(word) || ofUnit === word);
  };
  const rank = (/** @type {Listed} */ { name }) => (chosen.has(name) ? 0 : 1);
  return all
    .filter(fits)
    .sort((a, b) => rank(a) - rank(b) || (b.last ?? 0) - (a.last ?? 0));
}
