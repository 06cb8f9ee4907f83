/** @typedef {import("../chart/limitLines.js").Limit} Limit */
/** @typedef {Limit & { unit: string | null }} UnitLimit `unit`: whose chart; null is every chart */
/**
 * What a link says about the page.
 *
 * @typedef {object} Wish
 * @property {string} range the window, as a word; "" when the link has none
 * @property {string[] | null} series the series to show; null leaves it to the page
 * @property {Set<string>} hidden names of series that are switched off
 * @property {UnitLimit[]} limits
 * @property {boolean} kiosk
 */

const NUMBER = String.raw`[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?`;
const LIMIT = new RegExp(`^(?:(.*):)?(?:(${NUMBER})|(${NUMBER})?\\.\\.(${NUMBER})?)$`, "s");

/**
 * @param {string} address
 * @returns {Wish}
 */
export function readAddress(address) {
  const query = new URL(address).searchParams;
  const series = query.getAll("series").filter((name) => name !== "");
  return {
    range: query.get("window") ?? "",
    series: series.length ? [...new Set(series)] : null,
    hidden: new Set(query.getAll("hide")),
    limits: query.getAll("limit").flatMap((text) => readLimit(text) ?? []),
    kiosk: query.has("kiosk"),
  };
}

/**
 * The address that shows the same again. What a link says beside that stays.
 *
 * @param {string} address
 * @param {Omit<Wish, "limits">} wish
 * @returns {string}
 */
export function writeAddress(address, { range, series, hidden, kiosk }) {
  const url = new URL(address);
  const query = url.searchParams;
  for (const name of ["series", "hide", "kiosk", "window"]) query.delete(name);
  for (const name of series ?? []) query.append("series", name);
  for (const name of hidden) query.append("hide", name);
  if (range) query.set("window", range);
  if (kiosk) query.set("kiosk", "1");
  return url.href;
}

/**
 * A limit from a link: `25`, `18..24`, `..24`, or with a unit before it, `°C:18..24`.
 *
 * @param {string} text
 * @returns {UnitLimit | null} null when it is none
 */
function readLimit(text) {
  const found = LIMIT.exec(text);
  if (!found) return null;
  const [, unit = null, line, low, high] = found;
  const ends = line ? [line, line] : [low ?? -Infinity, high ?? Infinity];
  const [from, to] = ends.map(Number).sort((a, b) => a - b);
  // Neither a number that is too great, nor a band without any end.
  if (![line, low, high].some((end) => end && Number.isFinite(Number(end)))) return null;
  return { unit, from, to };
}
