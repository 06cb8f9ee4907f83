import { parseLimit } from "../pageState.js";

/** @typedef {import("./viewDocument.js").ViewPanel} ViewPanel */
/**
 * The fields of the form as texts.
 *
 * @typedef {{ title: string, type: string, series: string, tags: string, limits: string,
 *             scale: string, min: string, max: string, zero: boolean, band: boolean,
 *             per: string }} PanelFields
 */
/** @typedef {{ field: string, text: string }} FieldFault `field` is the id of the input */

/**
 * Read the fields of the form in which a panel is edited.
 *
 * @param {PanelFields} fields
 * @returns {{ panel: Omit<ViewPanel, "id">, fault: FieldFault | null }} the first fault
 */
export function parsePanelFields(fields) {
  const isLog = fields.scale === "log";
  const axis = {
    scale: /** @type {"linear" | "log"} */ (fields.scale),
    zero: fields.zero && !isLog,
    min: parseNumber(fields.min),
    max: parseNumber(fields.max),
  };
  const panel = {
    title: fields.title.trim() || null,
    type: /** @type {ViewPanel["type"]} */ (fields.type),
    series: split(fields.series, "\n"),
    tags: split(fields.tags, "\n"),
    axis,
    band: fields.band,
    per: /** @type {ViewPanel["per"]} */ (fields.per || null),
    limits: split(fields.limits, ","),
  };
  return { panel, fault: findFault(panel, fields) };
}

/**
 * @param {Omit<ViewPanel, "id">} panel
 * @param {PanelFields} fields
 * @returns {FieldFault | null}
 */
function findFault({ series, tags, limits, axis }, fields) {
  if (!series.length && !tags.length) {
    return { field: "panel-series", text: "Give a series, a pattern with *, or tags." };
  }
  const tag = tags.find((one) => one.indexOf("=") < 1);
  if (tag) return { field: "panel-tags", text: `A tag must be KEY=VALUE, not ${tag}.` };
  const limit = limits.find((one) => parseLimit(one)?.unit !== null);
  if (limit) {
    const text = `A limit must be a number such as 25, or a range such as 18..24, not ${limit}.`;
    return { field: "panel-limits", text };
  }
  for (const end of /** @type {const} */ (["min", "max"])) {
    if (fields[end].trim() && axis[end] === null) {
      return { field: `panel-${end}`, text: `${fields[end]} is not a number.` };
    }
    if (axis.scale === "log" && axis[end] !== null && axis[end] <= 0) {
      return { field: `panel-${end}`, text: "The ends of a logarithmic axis must be above 0." };
    }
  }
  if (axis.min !== null && axis.max !== null && axis.min >= axis.max) {
    return { field: "panel-max", text: "The axis must end above its start." };
  }
  return null;
}

/**
 * @param {string} text
 * @param {string} separator
 */
function split(text, separator) {
  const parts = text.split(separator).map((part) => part.trim());
  return [...new Set(parts.filter((part) => part !== ""))];
}

/**
 * @param {string} text
 * @returns {number | null} null if it is not a finite number
 */
function parseNumber(text) {
  const number = Number(text.trim().replace(",", "."));
  return text.trim() !== "" && Number.isFinite(number) ? number : null;
}
