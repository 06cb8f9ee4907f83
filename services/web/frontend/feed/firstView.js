import { compareNaturally, sortNaturally } from "../page/naturalOrder.js";
import { MAX_AUTOMATIC_SERIES } from "../store/seriesStore.js";

/** @typedef {import("../store/seriesStore.js").SeriesInfo} SeriesInfo */

const DAY_SECONDS = 86_400;

/** Kinds in the order of interest: a door says less at first sight than a temperature. */
const KINDS = ["measure", "counter", "state"];

/**
 * Choose the series to show while nobody has chosen any: the shown ones first, then some of each
 * unit, in natural order.
 *
 * The choice depends on names, units and kinds, and on the day of the newest reading, but never on
 * who sent last. So a reload shows the same series.
 *
 * @param {SeriesInfo[]} list all series of the server
 * @param {{ has: (name: string) => boolean }} shown names of the shown series
 * @returns {string[]}
 */
export function chooseFirstView(list, shown) {
  const sorted = sortNaturally(list, ({ name }) => name);
  if (list.length <= MAX_AUTOMATIC_SERIES) return sorted.map(({ name }) => name);
  const already = sorted.filter(({ name }) => shown.has(name)).map(({ name }) => name);
  // Old series would only take the place of recent ones.
  const firstDay = Math.max(...list.map(dayOf)) - 1;
  const candidates = sorted.filter((one) => !shown.has(one.name) && dayOf(one) >= firstDay);
  const groups = groupBy(candidates, groupOf).sort(compareGroups);
  const spread = groups.map((group) => spreadShapes(group));
  const chosen = new Set([...already, ...takeTurns(spread)].slice(0, MAX_AUTOMATIC_SERIES));
  return sorted.flatMap(({ name }) => (chosen.has(name) ? [name] : []));
}

/** @param {SeriesInfo} series @returns {number} day of its newest reading */
const dayOf = ({ last }) => Math.floor((last ?? 0) / DAY_SECONDS);

/** @param {SeriesInfo} series */
const kindOf = ({ kind, guessed_kind }) => kind ?? guessed_kind ?? "measure";

/** @param {SeriesInfo} series the series of a group share a chart */
const groupOf = (series) => `${KINDS.indexOf(kindOf(series))} ${series.unit ?? ""}`;

/**
 * Order charts by kind; those without a unit come last in their kind.
 *
 * @param {SeriesInfo[]} a
 * @param {SeriesInfo[]} b
 */
function compareGroups([a], [b]) {
  const kinds = KINDS.indexOf(kindOf(a)) - KINDS.indexOf(kindOf(b));
  return kinds || Number(!a.unit) - Number(!b.unit) || compareNaturally(a.name, b.name);
}

/**
 * Order series so that those come first whose names differ by more than a number: one CPU of each
 * host, and not all CPUs of the first host.
 *
 * @param {SeriesInfo[]} group
 * @returns {string[]}
 */
function spreadShapes(group) {
  const shapes = groupBy(group, ({ name }) => name.replace(/\d+/g, "#"));
  return takeTurns(shapes.map((series) => series.map(({ name }) => name)));
}

/**
 * @param {SeriesInfo[]} list
 * @param {(series: SeriesInfo) => string} keyOf
 * @returns {SeriesInfo[][]} the groups in the order of their first series
 */
function groupBy(list, keyOf) {
  /** @type {Map<string, SeriesInfo[]>} */
  const groups = new Map();
  for (const series of list) {
    const group = groups.get(keyOf(series));
    if (group) group.push(series);
    else groups.set(keyOf(series), [series]);
  }
  return [...groups.values()];
}

/**
 * Take the first of each list, then the second of each, and so on.
 *
 * @param {string[][]} lists
 * @returns {string[]}
 */
function takeTurns(lists) {
  const rounds = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: rounds }, (_, round) =>
    lists.flatMap((list) => list.slice(round, round + 1)),
  ).flat();
}
