/** @typedef {import("./rows.js").Row} Row */

const HEAD = ["series", "unit", "time", "value", "min", "max", "count", "seconds"];

/** Spreadsheets run what begins like this as a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * Readings as CSV (RFC 4180), times in UTC. A line with `count` stands for that many readings from
 * its time on for `seconds`: their mean, lowest and highest.
 *
 * @param {Iterable<{ name: string, unit: string | null, rows: Iterable<Row> }>} all
 * @returns {string}
 */
export function csvOf(all) {
  const lines = [HEAD.join(",")];
  for (const { name, unit, rows } of all) {
    const head = `${field(name)},${field(unit ?? "")}`;
    for (const row of rows) {
      const bucket = row.bucket ? [row.low, row.high, row.count, row.bucket] : ["", "", "", ""];
      lines.push([head, isoTime(row.time), row.value, ...bucket].join(","));
    }
  }
  return `${lines.join("\r\n")}\r\n`;
}

/**
 * ISO 8601 in UTC, to the microsecond.
 *
 * @param {number} time seconds
 * @returns {string}
 */
export function isoTime(time) {
  const micros = Math.round(time * 1e6);
  const millis = Math.floor(micros / 1_000);
  const rest = String(micros - millis * 1_000).padStart(3, "0");
  return new Date(millis).toISOString().replace("Z", `${rest}Z`);
}

/** @param {string} text */
function field(text) {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
