import { formatCount } from "../../format.js";
import { byId, createElement } from "../dom.js";

/** @typedef {import("../../store/seriesStore.js").Gap} Gap */

/** Gaps that get a sentence of their own; older ones are only counted. */
const MAX_SENTENCES = 2;

/** Dismissed gaps that are remembered. */
const MAX_DISMISSED = 1_000;

/** The notice that lists gaps. Once dismissed, it returns only for other gaps. */
export class GapList {
  /** @type {Set<string>} */
  #dismissed = new Set();
  /** @type {Gap[]} */
  #gaps = [];

  /** @param {import("../../format.js").TimeFormat} format */
  constructor(format) {
    this.format = format;
    byId("gaps-dismiss").addEventListener("click", () => this.#dismiss());
  }

  /** @param {Gap[]} gaps of the visible range; showing the same array again costs nothing */
  show(gaps) {
    if (gaps === this.#gaps) return;
    this.#gaps = gaps;
    const undismissed = gaps.filter((gap) => !this.#dismissed.has(keyOf(gap)));
    byId("gaps").hidden = !undismissed.length;
    const sentences = describeGaps(undismissed, this.format);
    byId("gaps-list").replaceChildren(...sentences.map((text) => createElement("p", "", text)));
  }

  #dismiss() {
    if (this.#dismissed.size > MAX_DISMISSED) this.#dismissed.clear();
    for (const gap of this.#gaps) this.#dismissed.add(keyOf(gap));
    byId("gaps").hidden = true;
  }
}

/**
 * Describe gaps in sentences, the newest first.
 *
 * @param {Gap[]} gaps ascending in time
 * @param {import("../../format.js").TimeFormat} format
 * @returns {string[]}
 */
export function describeGaps(gaps, format) {
  const newest = gaps.slice(-MAX_SENTENCES).reverse();
  const sentences = newest.map((gap) => describeGap(gap, format));
  const olderCount = gaps.length - newest.length;
  if (olderCount) {
    const older =
      olderCount === 1 ? "is 1 older gap" : `are ${formatCount(olderCount)} older gaps`;
    sentences.push(`There ${older} in this range.`);
  }
  return sentences;
}

/**
 * @param {Gap} gap
 * @param {import("../../format.js").TimeFormat} format
 */
function describeGap({ from, to, count, reason }, format) {
  const [start, end] = [from, to].map((time) => (time === null ? null : format.timeOfDay(time)));
  let when = `between ${start} and ${end}`;
  if (start === end) when = start === null ? "at an unknown time" : `at ${start}`;
  else if (start === null) when = `before ${end}`;
  else if (end === null) when = `after ${start}`;
  if (count === null) return `Readings may be missing ${when}, because ${reason}.`;
  const readings = count === 1 ? "1 reading is" : `${formatCount(count)} readings are`;
  return `${readings} missing ${when}, because ${reason}.`;
}

/** @param {Gap} gap */
function keyOf({ from, to, count, reason }) {
  return JSON.stringify([from, to, count, reason]);
}
