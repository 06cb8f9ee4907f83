/** Digits to which a number in a name is padded. */
const PADDED_DIGITS = 16;

/**
 * Return a text whose order is the natural order of a name: cpu2 is before cpu10, and upper case
 * and accents do not count.
 *
 * @param {string} name
 * @returns {string}
 */
export function naturalKey(name) {
  const plain = name.normalize("NFD").replace(/\p{Mn}/gu, "").toLowerCase();
  return plain.replace(/\d+/g, (digits) => digits.padStart(PADDED_DIGITS, "0"));
}

/**
 * Compare two names by their natural order. To sort many names, use `sortNaturally`.
 *
 * @param {string} a
 * @param {string} b
 * @returns {number}
 */
export function compareNaturally(a, b) {
  return compareTexts(naturalKey(a), naturalKey(b)) || compareTexts(a, b);
}

/**
 * Return the items in the natural order of their names.
 *
 * @template Item
 * @param {Iterable<Item>} items
 * @param {(item: Item) => string} nameOf
 * @returns {Item[]}
 */
export function sortNaturally(items, nameOf) {
  const keyed = Array.from(items, (item) => {
    const name = nameOf(item);
    return { item, name, key: naturalKey(name) };
  });
  keyed.sort((a, b) => compareTexts(a.key, b.key) || compareTexts(a.name, b.name));
  return keyed.map(({ item }) => item);
}

/**
 * Compare two texts by their code units, which is much faster than by the rules of a language.
 *
 * @param {string} a
 * @param {string} b
 */
function compareTexts(a, b) {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
