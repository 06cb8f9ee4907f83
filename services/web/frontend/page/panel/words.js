/** Separators between the words of names and labels. */
const SEPARATORS = /[\s./:|_]+/gu;
/** The same for fields of line protocol: "read_bytes" is one word. */
export const FIELD_SEPARATORS = /\s+/gu;
/** Words that join others, and say nothing alone. */
const JOINING_WORDS = new Set([
  "a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with",
]);

/**
 * A word in a text: as it is compared, and its place.
 *
 * @typedef {{ key: string, start: number, end: number }} Word
 */

/**
 * Split a text into words. Upper case and the plural don't count when they are compared.
 *
 * @param {string} text
 * @param {RegExp} [separators]
 * @returns {Word[]}
 */
export function splitWords(text, separators = SEPARATORS) {
  /** @type {Word[]} */
  const words = [];
  let start = 0;
  for (const part of text.split(separators)) {
    const at = text.indexOf(part, start);
    if (part) words.push({ key: keyOf(part), start: at, end: at + part.length });
    start = at + part.length;
  }
  return words;
}

/**
 * Return how many words all texts share at their beginning or end.
 *
 * @param {Word[][]} texts
 * @param {boolean} atEnd
 */
export function countShared(texts, atEnd) {
  const [first] = texts;
  const maxCount = Math.min(...texts.map(({ length }) => length));
  let count = 0;
  while (count < maxCount) {
    const at = atEnd ? -1 - count : count;
    const key = first.at(at)?.key;
    if (texts.some((words) => words.at(at)?.key !== key)) break;
    count++;
  }
  return count;
}

/** @param {Word | undefined} word */
export const isJoining = (word) => word !== undefined && JOINING_WORDS.has(word.key);

/** @param {string} text */
export const hasLetter = (text) => /\p{L}/u.test(text);

/** @param {string} word */
function keyOf(word) {
  const key = word.normalize("NFC").toLowerCase();
  return key.length > 3 && key.endsWith("s") ? key.slice(0, -1) : key;
}

/**
 * Return a text with a capital letter, unless it is written as programs write names.
 *
 * @param {string} text
 */
export function capitalize(text) {
  if (!/^[\p{Ll} ]+$/u.test(text)) return text;
  const [first, ...others] = text;
  return first.toUpperCase() + others.join("");
}
