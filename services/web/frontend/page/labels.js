import { compareNaturally } from "./naturalOrder.js";

/** @typedef {import("../store/seriesDescription.js").SeriesPoint} SeriesPoint */
/** @typedef {{ name: string, label?: string | null, tags?: SeriesPoint | null }} LabeledSeries */

/** Tags that say best where readings come from, the best first; they lead a label. */
const LEADING_TAGS = [
  "host", "hostname", "instance", "node", "server", "pod",
  "room", "area", "location", "site", "friendly_name", "name", "device",
];
/** The field that line protocol uses where there is only one; a label leaves it out. */
const DEFAULT_FIELD = "value";
/** A tag is left out if another one implies it and has at least this many times its values. */
const MIN_VALUES_FACTOR = 2;
/** Characters between the parts of a name that has no tags. */
const SEPARATOR = /[./:|]/;

/**
 * Return a short label for each series, by which they can be told apart.
 *
 * A label that was set comes first. Otherwise what all names share is left out, and tags are
 * written by their values: "web-01 cpu3". The whole name belongs in the title of the element.
 *
 * @param {Iterable<LabeledSeries>} series all that are shown together
 * @returns {Map<string, string>} labels by name
 */
export function shortLabels(series) {
  const all = [...series];
  const labels = new Map([
    ...plainLabels(all.filter(({ tags }) => !tags).map(({ name }) => name)),
    ...tagLabels(all.filter(({ tags }) => tags)),
  ]);
  // Tags of one series may read like the name of another one.
  for (const name of findDuplicates(labels)) labels.set(name, name);
  const set = new Map();
  for (const { name, label } of all) if (label) set.set(name, label);
  if (!set.size) return labels;
  const duplicates = findDuplicates(new Map([...labels, ...set]));
  for (const [name, label] of set) {
    labels.set(name, duplicates.has(name) ? `${label} (${labels.get(name)})` : label);
  }
  return labels;
}

/**
 * Label names without tags: leave out the parts at the beginning and at the end that all share.
 *
 * @param {string[]} names
 * @returns {Map<string, string>}
 */
function plainLabels(names) {
  const { start, end } = findSharedEnds(names);
  return new Map(names.map((name) => [name, name.slice(start, name.length - end)]));
}

/**
 * Return the lengths of the beginning and of the end that all texts share and can do without.
 *
 * Only whole parts are shared, and the first part that remains has a letter: "cpu.0", not "0".
 *
 * @param {string[]} texts
 * @returns {{ start: number, end: number }}
 */
function findSharedEnds(texts) {
  if (texts.length < 2) return { start: 0, end: 0 };
  const [first] = texts;
  const minLength = Math.min(...texts.map(({ length }) => length));
  let start = minLength;
  let end = minLength;
  for (const text of texts) {
    while (!text.startsWith(first.slice(0, start))) start--;
    while (!text.endsWith(first.slice(first.length - end))) end--;
    if (!start && !end) return { start, end };
  }
  const hasLetter = (/** @type {string} */ text) => {
    const [part] = text.slice(start).split(SEPARATOR, 1);
    return /\p{L}/u.test(part);
  };
  const isCut = () => start === 0 || (SEPARATOR.test(first[start - 1]) && texts.every(hasLetter));
  while (!isCut()) start--;
  end = Math.min(end, minLength - start - 1);
  while (end > 0 && !SEPARATOR.test(first[first.length - end])) end--;
  return { start, end: Math.max(0, end) };
}

/**
 * Label series with tags by the values in which they differ.
 *
 * @param {LabeledSeries[]} series
 * @returns {Map<string, string>}
 */
function tagLabels(series) {
  const points = series.map(({ tags }) => /** @type {SeriesPoint} */ (tags));
  const columns = tagColumns(points);
  const { measurements, fields } = countKinds(points);
  const hasKinds = measurements.size > 1 || fields.size > 1 || series.length === 1;
  const labels = new Map();
  for (const [i, { name }] of series.entries()) {
    const { measurement, field } = points[i];
    const parts = columns.map((column) => column[i]).filter(Boolean);
    const isDefault = field === DEFAULT_FIELD;
    const isAmbiguous = (fields.get(field)?.size ?? 0) > 1;
    if (hasKinds && (isDefault || isAmbiguous)) parts.push(measurement);
    if (hasKinds && !isDefault) parts.push(field);
    if (!parts.length) parts.push(measurement, ...(isDefault ? [] : [field]));
    labels.set(name, parts.join(" "));
  }
  return labels;
}

/**
 * Return the measurements, and for each field the measurements that have it.
 *
 * @param {SeriesPoint[]} points
 */
function countKinds(points) {
  /** @type {Set<string>} */
  const measurements = new Set();
  /** @type {Map<string, Set<string>>} */
  const fields = new Map();
  for (const { measurement, field } of points) {
    measurements.add(measurement);
    const known = fields.get(field);
    if (known) known.add(measurement);
    else fields.set(field, new Set([measurement]));
  }
  return { measurements, fields };
}

/**
 * Return the values of the tags that tell the points apart, tag by tag; "" where one has none.
 *
 * @param {SeriesPoint[]} points
 * @returns {string[][]}
 */
function tagColumns(points) {
  const keys = new Set(points.flatMap(({ tags }) => Object.keys(tags)));
  const columns = [...keys].sort(compareTags).map((key) => {
    const values = points.map(({ tags }) => tags[key] ?? "");
    return { values, distinct: new Set(values) };
  });
  const telling =
    points.length > 1 ? columns.filter(({ distinct }) => distinct.size > 1) : columns;
  const independent = telling.filter(
    (column) => !telling.some((other) => other !== column && implies(other, column)),
  );
  return independent.map(({ values, distinct }) => {
    const { start, end } = findSharedEnds([...distinct]);
    return values.map((value) => value.slice(start, value.length - end));
  });
}

/** @typedef {{ values: string[], distinct: Set<string> }} TagColumn */

/**
 * Return true if the value of one tag follows from that of another, as a data centre follows from
 * the host.
 *
 * @param {TagColumn} column
 * @param {TagColumn} other
 */
function implies(column, other) {
  if (column.distinct.size < MIN_VALUES_FACTOR * other.distinct.size) return false;
  /** @type {Map<string, string>} */
  const implied = new Map();
  return column.values.every((value, i) => {
    const known = implied.get(value);
    if (known === undefined) implied.set(value, other.values[i]);
    return known === undefined || known === other.values[i];
  });
}

/**
 * @param {string} a
 * @param {string} b
 */
function compareTags(a, b) {
  return rankTag(a) - rankTag(b) || compareNaturally(a, b);
}

/** @param {string} key */
export function rankTag(key) {
  const rank = LEADING_TAGS.indexOf(key);
  return rank < 0 ? LEADING_TAGS.length : rank;
}

/**
 * Return the names whose label another name has, too.
 *
 * @param {Map<string, string>} labels
 * @returns {Set<string>}
 */
function findDuplicates(labels) {
  /** @type {Map<string, string>} */
  const owners = new Map();
  const duplicates = new Set();
  for (const [name, label] of labels) {
    const owner = owners.get(label);
    if (owner === undefined) owners.set(label, name);
    else duplicates.add(owner).add(name);
  }
  return duplicates;
}
