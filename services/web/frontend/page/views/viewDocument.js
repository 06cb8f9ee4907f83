import { completeSpec } from "../panel/panelSpec.js";
import { matchingNames } from "./selectors.js";

/** @typedef {import("../panel/panelSpec.js").PanelSpec} PanelSpec */
/** @typedef {PanelSpec & { tags: string[] }} ViewPanel `series` may have patterns */
/**
 * A view as the server keeps it.
 *
 * @typedef {object} ViewDocument
 * @property {string} title "" shows the name of the view
 * @property {number | null} revision null for a view that is not saved yet
 * @property {string | null} window length of the time window, or null
 * @property {number | null} columns
 * @property {ViewPanel[]} panels
 */
/**
 * The panels of a view with the names of their series.
 *
 * @typedef {object} ResolvedView
 * @property {PanelSpec[]} specs
 * @property {string[]} names all series of the panels
 * @property {number} omittedCount series for which there is no room
 */

/**
 * Find the series of each panel. If they are too many, each panel gets some of them.
 *
 * @param {ViewDocument} view
 * @param {import("./selectors.js").SelectableSeries[]} all
 * @param {(names: string[]) => string[]} namesThatFit the first names that the page can show
 * @returns {ResolvedView}
 */
export function resolveView(view, all, namesThatFit) {
  const found = view.panels.map((panel) => matchingNames(panel, all));
  const wanted = interleave(found);
  const names = namesThatFit(wanted);
  const shown = new Set(names);
  const specs = view.panels.map(({ tags: _tags, ...panel }, i) =>
    completeSpec({ ...panel, series: found[i].filter((name) => shown.has(name)) }),
  );
  return { specs, names, omittedCount: wanted.length - names.length };
}

/**
 * Return the first items of all lists, then the second ones and so on, each once.
 *
 * @param {string[][]} lists
 */
function interleave(lists) {
  const length = Math.max(0, ...lists.map((list) => list.length));
  const items = Array.from({ length }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1)));
  return [...new Set(items.flat())];
}

/**
 * Make a view of panels that are shown.
 *
 * @param {PanelSpec[]} specs
 * @param {Pick<ViewDocument, "title" | "window" | "columns">} settings
 * @returns {ViewDocument}
 */
export function viewOfSpecs(specs, settings) {
  const panels = specs
    .filter(({ series }) => series.length)
    .map((spec, i) => ({ ...spec, id: `p${i + 1}`, tags: [] }));
  return { ...settings, revision: null, panels };
}

/**
 * Return an empty panel with a free id.
 *
 * @param {ViewDocument} view
 * @returns {ViewPanel}
 */
export function newPanel({ panels }) {
  const taken = new Set(panels.map(({ id }) => id));
  let number = panels.length + 1;
  while (taken.has(`p${number}`)) number++;
  return { ...completeSpec({ id: `p${number}`, series: [], band: false }), tags: [] };
}

/**
 * Replace the panel of the same id, or add the panel at the end.
 *
 * @param {ViewDocument} view
 * @param {ViewPanel} panel
 * @returns {ViewDocument}
 */
export function withPanel(view, panel) {
  const isKnown = view.panels.some(({ id }) => id === panel.id);
  const replaced = view.panels.map((one) => (one.id === panel.id ? panel : one));
  return { ...view, panels: isKnown ? replaced : [...view.panels, panel] };
}

/**
 * @param {ViewDocument} view
 * @param {string} id of a panel
 * @returns {ViewDocument}
 */
export function withoutPanel(view, id) {
  return { ...view, panels: view.panels.filter((panel) => panel.id !== id) };
}

/**
 * Move a panel to another place.
 *
 * @param {ViewDocument} view
 * @param {string} id of the panel
 * @param {number} position from 0; one outside of the list means its end
 * @returns {ViewDocument}
 */
export function withPanelAt(view, id, position) {
  const panel = view.panels.find((one) => one.id === id);
  if (!panel) return view;
  const { panels } = withoutPanel(view, id);
  panels.splice(Math.max(0, Math.min(panels.length, position)), 0, panel);
  return { ...view, panels };
}

/**
 * Return the title of a panel for people.
 *
 * @param {ViewPanel} panel
 */
export function panelTitle({ title, series, tags }) {
  return title || [...series, ...tags].join(", ") || "New panel";
}

/**
 * Make a name of a title: letters, digits and hyphens.
 *
 * @param {string} title
 */
export function nameOfTitle(title) {
  const words = title.normalize("NFC").toLowerCase().split(/[^\p{L}\p{N}_]+/u);
  return words.filter(Boolean).join("-").slice(0, 64);
}

/** @type {Record<string, ViewPanel["type"]>} */
const TYPES_BY_KIND = { state: "states", counter: "bars" };

/**
 * Return the type of panel that suits all of these series.
 *
 * @param {{ kind?: string | null, guessed_kind?: string }[]} series
 * @returns {ViewPanel["type"]}
 */
export function typeForSeries(series) {
  const kinds = new Set(series.map((one) => one.kind ?? one.guessed_kind ?? "measure"));
  const [kind] = kinds;
  return (kinds.size === 1 && TYPES_BY_KIND[kind]) || "line";
}
