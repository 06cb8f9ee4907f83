import { shortLabels } from "../labels.js";
import { capitalize, countShared, hasLetter, isJoining, splitWords } from "./words.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {import("./words.js").Word} Word */

/** The labels of the series in one panel, without what its title says. */
export class PanelLabels {
  /** @type {Map<string, string>} */
  #labels = new Map();

  /** @param {import("../seriesLabels.js").Labels} page labels that are unique on the page */
  constructor(page) {
    this.page = page;
  }

  /**
   * Find the labels of a panel's series.
   *
   * @param {Series[]} series
   * @param {string} title
   * @param {boolean} isNamed true if a person has set the title, so that it says what they share
   */
  update(series, title, isNamed) {
    const own = isNamed && series.length > 1 ? shortLabels(series) : null;
    const labels = series.map((one) => own?.get(one.name) ?? this.page.of(one));
    // A derived title is part of the only label: "Pressure" would leave "Air" of "Air pressure".
    const isWhole = !isNamed && series.length === 1;
    const shortened = isWhole ? labels : leaveOutTitle(labels, title);
    this.#labels = new Map(series.map(({ name }, i) => [name, shortened[i]]));
  }

  /**
   * Return the label of a series in this panel.
   *
   * @param {{ name: string }} series
   */
  of(series) {
    return this.#labels.get(series.name) ?? this.page.of(series);
  }
}

/**
 * Return labels without the words at their ends that the title of their panel has.
 *
 * The labels lose the words that all of them share and the title contains. Without such words, a
 * label loses a copy of the whole title.
 * All labels stay as they are if two would become the same.
 *
 * @param {string[]} labels
 * @param {string} title
 * @returns {string[]}
 */
export function leaveOutTitle(labels, title) {
  const titleKeys = splitWords(title).map(({ key }) => key);
  if (!titleKeys.length) return labels;
  let shortened = labels;
  for (const atEnd of [true, false]) {
    const split = shortened.map((label) => splitWords(label));
    const sharedCount = labels.length > 1 ? countShared(split, atEnd) : 0;
    shortened = shortened.map((label, i) => {
      const count =
        countKnown(split[i], titleKeys, atEnd, sharedCount) ||
        countCopied(split[i], titleKeys, atEnd);
      return cutWords(label, split[i], count, atEnd);
    });
  }
  return new Set(shortened).size === new Set(labels).size ? shortened : labels;
}

/**
 * Return the number of words at an end of a label that are the whole title; 0 if they are not.
 *
 * @param {Word[]} words
 * @param {string[]} titleKeys
 * @param {boolean} atEnd
 */
function countCopied(words, titleKeys, atEnd) {
  const { length } = titleKeys;
  const part = atEnd ? words.slice(-length) : words.slice(0, length);
  return part.length === length && part.every(({ key }, i) => key === titleKeys[i]) ? length : 0;
}

/**
 * Return how many of the shared words at an end are in the title.
 *
 * @param {Word[]} words
 * @param {string[]} titleKeys
 * @param {boolean} atEnd
 * @param {number} maxCount
 */
function countKnown(words, titleKeys, atEnd, maxCount) {
  let count = 0;
  while (count < maxCount) {
    const word = words.at(atEnd ? -1 - count : count);
    if (!word || !titleKeys.includes(word.key)) break;
    count++;
  }
  return count;
}

/**
 * Return a label without some words at one end, or the whole label if the rest says nothing alone.
 *
 * @param {string} label
 * @param {Word[]} words
 * @param {number} count
 * @param {boolean} atEnd
 */
function cutWords(label, words, count, atEnd) {
  if (!count || count >= words.length) return label;
  const rest = atEnd ? words.slice(0, -count) : words.slice(count);
  const [first] = rest;
  if (isJoining(atEnd ? rest.at(-1) : first)) return label;
  if (!hasLetter(label.slice(first.start, first.end))) return label;
  const cut = words.at(atEnd ? -count : count - 1);
  const text = atEnd
    ? label.slice(0, cut?.start).replace(/\s+$|[^\s]$/u, "")
    : label.slice(cut?.end).replace(/^\s+|^[^\s]/u, "");
  // A symbol such as the x of an axis keeps its case.
  return text.length > 1 && /^\p{Lu}/u.test(label) ? capitalize(text) : text;
}
