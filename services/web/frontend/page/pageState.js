import { formatShift, parseShift } from "../view/timeShift.js";

/** @typedef {import("../chart/limitLines.js").Limit} Limit */
/** @typedef {Limit & { unit: string | null }} UnitLimit `unit` null: for all charts */
/**
 * The state of the page that its address holds.
 *
 * @typedef {object} PageState
 * @property {string} range the time window as `formatRange` writes it; "" if not given
 * @property {string[] | null} series names of the selected series; null selects automatically
 * @property {Set<string>} hidden names of hidden series
 * @property {UnitLimit[]} limits
 * @property {boolean} kiosk
 * @property {number | null} compare seconds by which the compared time is earlier; null for none
 */

const NUMBER = String.raw`[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?`;
const LIMIT = new RegExp(`^(?:(.*):)?(?:(${NUMBER})|(${NUMBER})?\\.\\.(${NUMBER})?)$`, "s");

/**
 * Read the state of the page from its address.
 *
 * @param {string} address
 * @returns {PageState}
 */
export function parsePageState(address) {
  const query = new URL(address).searchParams;
  const series = query.getAll("series").filter((name) => name !== "");
  return {
    range: query.get("window") ?? "",
    series: series.length ? [...new Set(series)] : null,
    hidden: new Set(query.getAll("hide")),
    limits: query.getAll("limit").flatMap((text) => parseLimit(text) ?? []),
    kiosk: query.has("kiosk"),
    compare: parseShift(query.get("compare") ?? ""),
  };
}

/**
 * Return the address that restores a state. Other parameters of the address stay as they are.
 *
 * @param {string} address
 * @param {Omit<PageState, "limits">} state
 * @returns {string}
 */
export function formatPageAddress(address, { range, series, hidden, kiosk, compare }) {
  const url = new URL(address);
  const query = url.searchParams;
  for (const name of ["series", "hide", "kiosk", "window", "compare"]) query.delete(name);
  for (const name of series ?? []) query.append("series", name);
  for (const name of hidden) query.append("hide", name);
  if (range) query.set("window", range);
  if (kiosk) query.set("kiosk", "1");
  if (compare) query.set("compare", formatShift(compare));
  return url.href;
}

/**
 * Parse a limit: `25`, `18..24`, `..24`, or with a unit in front, `°C:18..24`.
 *
 * @param {string} text
 * @returns {UnitLimit | null} null if it is not a valid limit
 */
export function parseLimit(text) {
  const match = LIMIT.exec(text);
  if (!match) return null;
  const [, unit = null, line, low, high] = match;
  const ends = line ? [line, line] : [low ?? -Infinity, high ?? Infinity];
  const [from, to] = ends.map(Number).sort((a, b) => a - b);
  // Rejects a number beyond the range of a double and a band without any end.
  if (![line, low, high].some((end) => end && Number.isFinite(Number(end)))) return null;
  return { unit, from, to };
}
