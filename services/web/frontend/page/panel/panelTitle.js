import { quantityOf } from "./quantities.js";
import {
  capitalize, countShared, FIELD_SEPARATORS, hasLetter, isJoining, splitWords,
} from "./words.js";

/** @typedef {import("../../store/seriesDescription.js").SeriesPoint} SeriesPoint */
/**
 * @typedef {{ name: string, unit: string | null, label?: string | null,
 *             tags?: SeriesPoint | null }} TitledSeries
 */

/** A quantity that says less than the names of the series do. */
const VAGUE_QUANTITY = "Concentration";

/**
 * Return the title of a panel that nobody has named: the quantity that its series show.
 *
 * That is what the unit or the words that all series share say. Otherwise it is the unit.
 *
 * @param {TitledSeries[]} series
 * @returns {string}
 */
export function deriveTitle(series) {
  if (!series.length) return "No series";
  const [{ unit }] = series;
  const isMixed = series.some((one) => one.unit !== unit);
  const quantity = unit === null || isMixed ? null : quantityOf(unit);
  const texts = series.map(describe);
  const hasFields = series.every(({ tags, label }) => tags && !label);
  const separators = hasFields ? FIELD_SEPARATORS : undefined;
  const isAlone = series.length === 1;
  if (isAlone) return quantity && quantity !== VAGUE_QUANTITY ? quantity : capitalize(texts[0]);
  const end = sharedText(texts, true, separators);
  if (quantity && quantity !== VAGUE_QUANTITY) {
    return end && includesWords(end, quantity) ? capitalize(end) : quantity;
  }
  const words = end || quantity || sharedText(texts, false, separators);
  return words ? capitalize(words) : isMixed ? "Mixed units" : (unit ?? "No unit");
}

/**
 * Return the text that says what a series is: its label, measurement and field, or name.
 *
 * @param {TitledSeries} series
 */
function describe({ name, label, tags }) {
  if (label) return label;
  if (!tags) return name;
  return tags.field === "value" ? tags.measurement : `${tags.measurement} ${tags.field}`;
}

/**
 * Return the words that all texts share at their beginning or end; "" without any that tell.
 *
 * @param {string[]} texts
 * @param {boolean} atEnd
 * @param {RegExp} [separators] of the words
 */
function sharedText(texts, atEnd, separators) {
  const split = texts.map((text) => splitWords(text, separators));
  const [first] = split;
  const count = countShared(split, atEnd);
  const words = atEnd ? first.slice(first.length - count) : first.slice(0, count);
  while (atEnd && isJoining(words[0])) words.shift();
  while (!atEnd && isJoining(words.at(-1))) words.pop();
  const last = words.at(-1);
  const text = last ? texts[0].slice(words[0].start, last.end) : "";
  return hasLetter(text) ? text : "";
}

/**
 * @param {string} text
 * @param {string} other
 */
function includesWords(text, other) {
  const keys = new Set(splitWords(text).map(({ key }) => key));
  return splitWords(other).every(({ key }) => keys.has(key));
}
