import { completeSpec } from "./panelSpec.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {import("./panelSpec.js").PanelSpec} PanelSpec */

/**
 * Arrange series on panels: one panel for each unit, in the order in which the units arrive, and
 * one for all states.
 *
 * @param {Iterable<Series>} all
 * @returns {PanelSpec[]}
 */
export function automaticSpecs(all) {
  /** @type {Map<string, PanelSpec>} */
  const specs = new Map();
  for (const series of all) {
    const spec = specFor(series);
    const existing = specs.get(spec.id);
    if (existing) existing.series.push(series.name);
    else specs.set(spec.id, spec);
  }
  return [...specs.values()];
}

/** @param {Series} series @returns {PanelSpec} the panel of a series that has no other one yet */
function specFor({ name, unit, kind }) {
  if (kind === "state") {
    return completeSpec({ id: "states", type: "states", title: "States", series: [name] });
  }
  return completeSpec({ id: unit === null ? "line" : `line-${unit}`, series: [name] });
}
