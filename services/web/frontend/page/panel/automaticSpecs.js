import { completeSpec } from "./panelSpec.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {import("./panelSpec.js").PanelSpec} PanelSpec */

/**
 * Arrange series on panels: one panel for each unit, in the order in which the units arrive.
 *
 * @param {Iterable<Series>} all
 * @returns {PanelSpec[]}
 */
export function automaticSpecs(all) {
  /** @type {Map<string, PanelSpec>} */
  const specs = new Map();
  for (const { name, unit } of all) {
    const id = unit === null ? "line" : `line-${unit}`;
    const spec = specs.get(id);
    if (spec) spec.series.push(name);
    else specs.set(id, completeSpec({ id, series: [name] }));
  }
  return [...specs.values()];
}
