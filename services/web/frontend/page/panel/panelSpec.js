/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {"line" | "states" | "bars" | "rate" | "value"} PanelType */
/** @typedef {"hour" | "day" | "week" | "month"} Period */
/**
 * Value axis of a panel. `zero` includes zero; `min` and `max` fix an end.
 *
 * @typedef {{ scale: "linear" | "log", zero: boolean, min: number | null,
 *             max: number | null }} AxisSpec
 */
/**
 * One panel of the board.
 *
 * @typedef {object} PanelSpec
 * @property {string} id unique on the board, and the same after a reload
 * @property {string | null} title null derives it from the series
 * @property {PanelType} type
 * @property {string[]} series names
 * @property {AxisSpec} axis
 * @property {boolean} band true draws the range of each bucket behind the line of its mean
 * @property {Period | null} per length of a bar; null chooses it by the time window
 * @property {string[]} limits such as "25" or "18..24"
 */

/** Value axis that follows the readings. @type {AxisSpec} */
export const DEFAULT_AXIS = { scale: "linear", zero: false, min: null, max: null };

/**
 * Return a panel with the defaults of everything that is not given.
 *
 * @param {Pick<PanelSpec, "id" | "series"> & Partial<PanelSpec>} spec
 * @returns {PanelSpec}
 */
export function completeSpec(spec) {
  const defaults = /** @type {const} */ ({
    title: null, type: "line", band: true, per: null, limits: [],
  });
  return { ...defaults, ...spec, limits: [...(spec.limits ?? [])], axis: axisOf(spec) };
}

/** @param {Partial<PanelSpec>} spec */
const axisOf = ({ axis }) => ({ ...DEFAULT_AXIS, ...axis });

/**
 * Return the unit that all series share, or null.
 *
 * @param {Series[]} series
 */
export function commonUnit(series) {
  const unit = series[0]?.unit ?? null;
  return series.every((one) => one.unit === unit) ? unit : null;
}
