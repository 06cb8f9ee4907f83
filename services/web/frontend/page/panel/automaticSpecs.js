import { completeSpec } from "./panelSpec.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {import("./panelSpec.js").PanelSpec} PanelSpec */
/** @typedef {Pick<Series, "name" | "unit" | "kind" | "tags">} ArrangedSeries */

/** Windows that are at most this long, in seconds, show counters as lines instead of bars. */
export const MAX_COUNTER_LINE_SECONDS = 7_200;
/** Series without a unit share one panel if their names would need more panels than this. */
const MAX_NAMED_GROUPS = 6;
/** Panels in their order on the board. */
const ORDER = ["line", "states", "bars"];

/**
 * Arrange series on panels: measures by unit, all states together, and counters by unit.
 *
 * Series without a unit are grouped by the last part of their names, because percent and loads do
 * not share an axis.
 *
 * @param {Iterable<ArrangedSeries>} all
 * @param {number} spanSeconds length of the window
 * @returns {PanelSpec[]}
 */
export function automaticSpecs(all, spanSeconds) {
  const list = [...all];
  const groupOf = unitlessGroups(list.filter(({ unit, kind }) => unit === null && kind !== "state"));
  /** @type {Map<string, PanelSpec>} */
  const specs = new Map();
  for (const series of list) {
    const spec = specFor(series, groupOf, spanSeconds);
    const existing = specs.get(spec.id);
    if (existing) existing.series.push(series.name);
    else specs.set(spec.id, spec);
  }
  const rank = (/** @type {PanelSpec} */ { id }) => ORDER.indexOf(id.split("-")[0]);
  return [...specs.values()].sort((a, b) => rank(a) - rank(b));
}

/**
 * Return the panel of a series that has no other one yet.
 *
 * @param {ArrangedSeries} series
 * @param {(series: ArrangedSeries) => string} groupOf
 * @param {number} spanSeconds
 * @returns {PanelSpec}
 */
function specFor(series, groupOf, spanSeconds) {
  const { name, unit, kind } = series;
  if (kind === "state") {
    return completeSpec({ id: "states", type: "states", series: [name] });
  }
  const group = unit ?? groupOf(series);
  const suffix = group ? `-${group}` : "";
  if (kind !== "counter") return completeSpec({ id: `line${suffix}`, series: [name] });
  const type = spanSeconds > MAX_COUNTER_LINE_SECONDS ? "bars" : "line";
  return completeSpec({ id: `bars${suffix}`, type, series: [name] });
}

/**
 * Group series without a unit by field or by the last part of the name, if few groups have all.
 *
 * @param {ArrangedSeries[]} series
 * @returns {(series: ArrangedSeries) => string} "" for the common group
 */
function unitlessGroups(series) {
  const groups = new Set(series.map(lastPart));
  const isUseful = groups.size > 1 && groups.size <= MAX_NAMED_GROUPS && groups.size < series.length;
  return (one) => (isUseful ? lastPart(one) : "");
}

/** @param {ArrangedSeries} series */
function lastPart({ name, tags }) {
  if (tags?.field) return [tags.measurement, tags.field].filter(Boolean).join(" ");
  return name.split(/[./:]/).at(-1) ?? name;
}
