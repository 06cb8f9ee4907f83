import { rankTag } from "../labels.js";
import { compareNaturally, sortNaturally } from "../naturalOrder.js";

/** @typedef {import("./overviewSeries.js").ListedSeries} ListedSeries */
/** @typedef {{ value: string, text: string }} Grouping a choice of "Group by" */
/** @typedef {{ title: string, series: ListedSeries[] }} SeriesGroup */

const TAG = "tag:";
const PREFIX = "prefix";
const UNIT = "unit";
const NONE = "none";

/** Characters between the parts of a name. */
const SEPARATOR = /[./:|]/;
/** A tag or a prefix is offered if at least this share of the series has it. */
const MIN_SHARE = 0.5;
/** The automatic choice has groups of at least this many series, on average. */
const MIN_GROUP_SIZE = 2;

/**
 * Return the ways in which series can be grouped, with the most useful one first.
 *
 * @param {ListedSeries[]} list
 * @returns {Grouping[]}
 */
export function findGroupings(list) {
  /** @type {Grouping[]} */
  const found = [];
  for (const key of tagKeys(list)) found.push({ value: TAG + key, text: key });
  if (isUseful(list, PREFIX)) found.push({ value: PREFIX, text: "first part of the name" });
  found.push({ value: UNIT, text: "unit" }, { value: NONE, text: "nothing" });
  const best = found.find(({ value }) => isGoodChoice(list, value)) ?? found[found.length - 1];
  return [best, ...found.filter((one) => one !== best)];
}

/**
 * Divide series into groups, in natural order; those without a group come last.
 *
 * @param {ListedSeries[]} list
 * @param {string} grouping value of a `Grouping`
 * @returns {SeriesGroup[]}
 */
export function groupSeries(list, grouping) {
  /** @type {Map<string, ListedSeries[]>} */
  const groups = new Map();
  for (const series of list) {
    const key = keyOf(series, grouping) ?? "";
    const group = groups.get(key);
    if (group) group.push(series);
    else groups.set(key, [series]);
  }
  return [...groups]
    .sort(([a], [b]) => Number(!a) - Number(!b) || compareNaturally(a, b))
    .map(([key, series]) => ({
      title: key || titleOfRest(grouping),
      series: sortNaturally(series, ({ name }) => name),
    }));
}

/**
 * @param {ListedSeries} series
 * @param {string} grouping
 * @returns {string | undefined}
 */
function keyOf({ name, unit, tags }, grouping) {
  if (grouping.startsWith(TAG)) return tags?.tags[grouping.slice(TAG.length)];
  if (grouping === UNIT) return unit ?? undefined;
  if (grouping === NONE) return undefined;
  if (tags) return tags.measurement;
  const end = name.search(SEPARATOR);
  return end > 0 ? name.slice(0, end) : undefined;
}

/** @param {string} grouping */
function titleOfRest(grouping) {
  if (grouping === NONE) return "All series";
  if (grouping === UNIT) return "Without a unit";
  return grouping === PREFIX ? "Others" : `Without ${grouping.slice(TAG.length)}`;
}

/**
 * Return the tags that divide the series, the most telling one first.
 *
 * @param {ListedSeries[]} list
 */
function tagKeys(list) {
  const keys = new Set(list.flatMap(({ tags }) => Object.keys(tags?.tags ?? {})));
  return [...keys]
    .filter((key) => isUseful(list, TAG + key))
    .sort((a, b) => rankTag(a) - rankTag(b) || compareNaturally(a, b));
}

/**
 * @param {ListedSeries[]} list
 * @param {string} grouping
 */
function isUseful(list, grouping) {
  const { keys, share } = measure(list, grouping);
  return keys > 1 && share >= MIN_SHARE;
}

/**
 * @param {ListedSeries[]} list
 * @param {string} grouping
 */
function isGoodChoice(list, grouping) {
  const { keys } = measure(list, grouping);
  return keys > 1 && list.length / keys >= MIN_GROUP_SIZE;
}

/**
 * @param {ListedSeries[]} list
 * @param {string} grouping
 */
function measure(list, grouping) {
  const keys = list.flatMap((series) => keyOf(series, grouping) ?? []);
  return { keys: new Set(keys).size, share: keys.length / list.length };
}
