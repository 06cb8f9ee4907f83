/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {import("../../store/segments.js").Segment} Segment */
/** @typedef {import("./rangeSelection.js").SelectedRange} SelectedRange */
/**
 * Statistics of a series in a range, as `/api/statistics` has them; times in seconds.
 *
 * @typedef {object} RangeStatistics
 * @property {string} kind
 * @property {number} count
 * @property {number | null} min
 * @property {number | null} max
 * @property {number | null} mean
 * @property {number | null} difference
 * @property {number | null} slope per second
 * @property {number | null} integral value times seconds
 * @property {Record<string, number> | null} durations seconds of each value of a state
 * @property {boolean} [isEstimate] true if the page has made them, until the server answers
 */

/** Parts of a range in which an estimate looks for readings. */
const COLUMNS = 1_000;

/**
 * Estimate the statistics of a range from what the page has of a series.
 *
 * Of a counter it has no difference and no slope: buckets hide where the counter started again.
 *
 * @param {Series} series
 * @param {SelectedRange} range
 * @returns {RangeStatistics}
 */
export function estimateStatistics(series, { from, to }) {
  const { segments } = series.selectSegments(from, to, (to - from) / COLUMNS);
  const { kind } = series;
  const summary = series.summary(from, to);
  const line = kind === "measure" ? measureLine(segments, from, to) : null;
  return {
    kind,
    count: summary?.count ?? 0,
    min: summary?.min ?? null,
    max: summary?.max ?? null,
    mean: kind === "measure" ? (summary?.mean ?? null) : null,
    difference: line && line.last - line.first,
    slope: line && line.end > line.start ? (line.last - line.first) / (line.end - line.start) : null,
    integral: line && line.area,
    durations: null,
    isEstimate: true,
  };
}

/**
 * Return the ends of the line in a range and the area under it, or null without readings.
 *
 * @param {Segment[]} segments
 * @param {number} from seconds
 * @param {number} to seconds
 */
function measureLine(segments, from, to) {
  /** @type {{ start: number, end: number, first: number, last: number, area: number } | null} */
  let line = null;
  for (const { source, start, end } of segments) {
    for (let i = start; i < end; i++) {
      const time = source.t[i] + source.bucketSeconds / 2;
      const value = source.mean[i];
      if (time < from || time > to) continue;
      if (!line) line = { start: time, end: time, first: value, last: value, area: 0 };
      line.area += ((line.last + value) / 2) * (time - line.end);
      [line.end, line.last] = [time, value];
    }
  }
  return line;
}
