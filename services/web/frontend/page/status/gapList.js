import { formatCount } from "../../format.js";
import { byId, element } from "../element.js";

/** @typedef {import("../../store/seriesStore.js").Gap} Gap */

/** Sentences that are shown; of more stretches it is said how many they are. */
const MOST_SENTENCES = 2;

/** Stretches that are remembered as dismissed. */
const MOST_KNOWN = 1_000;

/** The notice of readings that are known to be missing; dismissed, it comes back for new ones. */
export class Losses {
  /** @type {Set<string>} */
  #dismissed = new Set();
  /** @type {Gap[]} */
  #gaps = [];

  /** @param {import("../../format.js").TimeFormat} format */
  constructor(format) {
    this.format = format;
    byId("gaps-dismiss").addEventListener("click", () => this.#dismiss());
  }

  /** @param {Gap[]} gaps those of the shown window; the same list is looked at only once */
  show(gaps) {
    if (gaps === this.#gaps) return;
    this.#gaps = gaps;
    const news = gaps.filter((gap) => !this.#dismissed.has(keyOf(gap)));
    byId("gaps").hidden = !news.length;
    const sentences = sentencesOf(news, this.format);
    byId("gaps-list").replaceChildren(...sentences.map((text) => element("p", "", text)));
  }

  #dismiss() {
    if (this.#dismissed.size > MOST_KNOWN) this.#dismissed.clear();
    for (const gap of this.#gaps) this.#dismissed.add(keyOf(gap));
    byId("gaps").hidden = true;
  }
}

/**
 * What is said of some stretches, the newest first.
 *
 * @param {Gap[]} gaps in the order of time
 * @param {import("../../format.js").TimeFormat} format
 * @returns {string[]}
 */
export function sentencesOf(gaps, format) {
  const newest = gaps.slice(-MOST_SENTENCES).reverse();
  const sentences = newest.map((gap) => sentenceOf(gap, format));
  const others = gaps.length - newest.length;
  if (others) {
    const stretches = others === 1 ? "stretch" : "stretches";
    sentences.push(`Before that: ${formatCount(others)} more such ${stretches}.`);
  }
  return sentences;
}

/**
 * @param {Gap} gap
 * @param {import("../../format.js").TimeFormat} format
 */
function sentenceOf({ from, to, count, reason }, format) {
  const [start, end] = [from, to].map((time) => (time === null ? null : format.timeOfDay(time)));
  let when = `between ${start} and ${end}`;
  if (start === end) when = start === null ? "at an unknown time" : `at ${start}`;
  else if (start === null) when = `before ${end}`;
  else if (end === null) when = `after ${start}`;
  if (count === null) return `Readings may be missing ${when}, because ${reason}.`;
  return `Readings are missing: ${formatCount(count)} ${when}, because ${reason}.`;
}

/** @param {Gap} gap */
function keyOf({ from, to, count, reason }) {
  return JSON.stringify([from, to, count, reason]);
}
