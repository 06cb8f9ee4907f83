import { sentDecimals } from "../../store/valueDigits.js";

/** @typedef {import("../readingRows.js").ReadingRow} ReadingRow */
/**
 * @typedef {{ name: string, unit: string | null, kind: import("../../store/seriesDescription.js").SeriesKind,
 *             rows: Iterable<ReadingRow> }} CsvTable
 */

const HEADER = ["series", "unit", "time", "value", "min", "max", "count", "seconds"];

/** Decimals that a mean has more than its readings. */
const EXTRA_MEAN_DECIMALS = 3;
/** Decimals that JavaScript can round to. */
const MAX_DECIMALS = 100;

/** Spreadsheets run a text that begins like this as a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * Format readings as CSV (RFC 4180) with times in UTC. A bucket has its mean as `value` and also
 * `min`, `max`, `count` and its length in `seconds`; they are empty for a single reading. The mean
 * of a state or a counter says nothing, so it is empty.
 *
 * @param {Iterable<CsvTable>} tables
 * @returns {string}
 */
export function formatCsv(tables) {
  const lines = [HEADER.join(",")];
  for (const { name, unit, kind, rows } of tables) {
    const seriesFields = `${quoteField(name)},${quoteField(unit ?? "")}`;
    for (const { time, value, min, max, count, bucketSeconds } of rows) {
      const bucket = bucketSeconds ? [min, max, count, bucketSeconds] : ["", "", "", ""];
      const mean = kind === "measure" ? roundMean(value, min, max) : "";
      const shown = bucketSeconds ? mean : value;
      lines.push([seriesFields, formatIsoTime(time), shown, ...bucket].join(","));
    }
  }
  return `${lines.join("\r\n")}\r\n`;
}

/**
 * Round the mean of a bucket to a few more decimals than its readings have.
 *
 * @param {number} mean
 * @param {number} min
 * @param {number} max
 */
function roundMean(mean, min, max) {
  const decimals = Math.max(sentDecimals(min), sentDecimals(max)) + EXTRA_MEAN_DECIMALS;
  return Number(mean.toFixed(Math.min(MAX_DECIMALS, decimals)));
}

/**
 * Format a time as ISO 8601 in UTC, to the microsecond.
 *
 * @param {number} time seconds
 * @returns {string}
 */
export function formatIsoTime(time) {
  const microseconds = Math.round(time * 1e6);
  const milliseconds = Math.floor(microseconds / 1_000);
  const digits = String(microseconds - milliseconds * 1_000).padStart(3, "0");
  return new Date(milliseconds).toISOString().replace("Z", `${digits}Z`);
}

/** @param {string} text */
function quoteField(text) {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
