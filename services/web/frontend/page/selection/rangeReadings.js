/** @typedef {import("../readingRows.js").ReadingRow} ReadingRow */
/** @typedef {import("../../store/historyColumns.js").SeriesHistory} SeriesHistory */
/** @typedef {import("./rangeSelection.js").SelectedRange} SelectedRange */

/** Readings that the server sends at once. */
const MAX_POINTS = 10_000;
/** With more readings than this a range is exported as buckets. */
const MAX_READINGS = 500_000;
/** Readings of a part on average, so that no part has more than fit. */
const READINGS_PER_PART = 5_000;

/**
 * Load the readings of a series in a range: single ones, unless there are too many.
 *
 * @param {string} name
 * @param {SelectedRange} range
 * @param {(range: SelectedRange, maxPoints: number, names: string[]) => Promise<any>} load
 *   loads a history
 * @returns {Promise<ReadingRow[]>}
 */
export async function loadReadings(name, range, load) {
  const loadPart = async (/** @type {SelectedRange} */ part) =>
    /** @type {SeriesHistory | undefined} */ (
      (await load(part, MAX_POINTS, [name])).series[name]
    );
  const whole = await loadPart(range);
  if (!whole) return [];
  const count = (whole.count ?? []).reduce((sum, one) => sum + one, 0);
  if (whole.bucket === null || count > MAX_READINGS) return toRows(whole);
  const parts = Math.ceil(count / READINGS_PER_PART);
  /** @type {ReadingRow[]} */
  const rows = [];
  for (let i = 0; i < parts; i++) {
    const edge = (/** @type {number} */ number) =>
      range.from + ((range.to - range.from) * number) / parts;
    const part = await loadPart({ from: edge(i), to: edge(i + 1) });
    // Both ends of a part are included: a reading at an edge is in two parts.
    /** @type {number} */
    const last = rows.at(-1)?.time ?? -Infinity;
    if (part) rows.push(...toRows(part).filter(({ time }) => time > last));
  }
  return rows;
}

/**
 * @param {SeriesHistory} history
 * @returns {ReadingRow[]}
 */
function toRows({ bucket, t, value, min = [], max = [], mean = [], count = [] }) {
  return t.map((time, i) => {
    const one = value?.[i] ?? mean[i] ?? (min[i] + max[i]) / 2;
    const isBucket = bucket !== null;
    return {
      time,
      value: one,
      min: isBucket ? min[i] : one,
      max: isBucket ? max[i] : one,
      count: isBucket ? count[i] : 1,
      bucketSeconds: bucket ?? 0,
    };
  });
}
