import { lastAt } from "../../store/heldValues.js";
import { isStale } from "../status/health.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {{ from: number, to: number }} Interval seconds */
/** @typedef {import("../../chart/absenceLabels.js").Absence} Absence */

/**
 * Find where a chart has no line, and why.
 *
 * Lost readings are not included: the chart has bands for them.
 *
 * @param {Series[]} series shown in the chart
 * @param {object} view
 * @param {number} view.from seconds
 * @param {number} view.to seconds
 * @param {number} view.now seconds
 * @param {import("../../store/seriesStore.js").Gap[]} gaps
 * @param {boolean} isAway true if history can't be loaded now
 * @param {(time: number) => string} formatTime
 * @returns {Absence[]}
 */
export function findAbsences(series, { from, to, now }, gaps, isAway, formatTime) {
  // A state holds its value, so it has no end.
  if (!series.length || series.some(({ kind }) => kind === "state")) return [];
  const window = { from, to: Math.min(to, now) };
  const columnSeconds = (to - from) / 1_000;
  const segments = series.flatMap((one) => one.selectSegments(from, to, columnSeconds).segments);
  const unloaded = subtract(window, segments);
  const lost = gaps.map((gap) => ({ from: gap.from ?? -Infinity, to: gap.to ?? Infinity }));
  const runs = findRuns(segments);
  const silent = subtract(window, [...runs, ...unloaded, ...lost]);
  const lastEnd = Math.max(...runs.map((run) => run.to));
  const isSilentNow = series.every((one) => isStale(one, now));
  /** @type {Absence[]} */
  const absences = isAway
    ? unloaded.map((one) => ({ ...one, label: "not loaded", isUnloaded: true }))
    : [];
  for (const interval of silent) {
    const { from: start } = interval;
    // Before the first reading of the window nobody knows since when there was none.
    if (start === from) continue;
    const isLast = start === lastEnd;
    if (isLast && !isSilentNow) continue;
    const label = isLast ? `no readings since ${formatTime(start)}` : "no readings";
    absences.push({ ...interval, to: isLast ? Infinity : interval.to, label, isUnloaded: false });
  }
  return absences;
}

/**
 * Return why a series has no value at a time.
 *
 * @param {Series} series
 * @param {number} time seconds
 * @param {import("../../store/seriesStore.js").Gap[]} gaps
 * @param {{ busy: boolean, isAway: boolean }} loading
 * @param {(time: number) => string} formatTime
 * @returns {string}
 */
export function missingReason(series, time, gaps, { busy, isAway }, formatTime) {
  const isLost = gaps.some((gap) => (gap.from ?? time) <= time && (gap.to ?? time) >= time);
  if (isLost) return "readings lost";
  const isLoaded = series.selectSegments(time, time + 1e-3, 1).segments.length > 0;
  if (!isLoaded && isAway) return "not loaded";
  if (!isLoaded && busy) return "loading";
  const last = lastAt(series, time);
  return last ? `silent since ${formatTime(last.time)}` : "no data";
}

/**
 * Return the intervals in which some line does not break.
 *
 * @param {import("../../store/segments.js").Segment[]} segments
 * @returns {Interval[]}
 */
function findRuns(segments) {
  /** @type {(Interval & { gapSeconds: number })[]} */
  const runs = [];
  for (const { source, start, end } of segments) {
    const { t, bucketSeconds, gapSeconds } = source;
    /** @type {(Interval & { gapSeconds: number }) | null} */
    let last = null;
    for (let i = start; i < end; i++) {
      const to = t[i] + bucketSeconds;
      if (last && t[i] - last.to + bucketSeconds <= gapSeconds) last.to = to;
      else runs.push((last = { from: t[i], to, gapSeconds }));
    }
  }
  // A line goes on from one segment to the next.
  return joinRuns(runs.sort((a, b) => a.from - b.from));
}

/** @param {(Interval & { gapSeconds: number })[]} runs ascending in time */
function joinRuns(runs) {
  /** @type {typeof runs} */
  const joined = [];
  for (const run of runs) {
    const last = joined.at(-1);
    if (!last || run.from - last.to > last.gapSeconds) joined.push({ ...run });
    else if (run.to > last.to) Object.assign(last, { to: run.to, gapSeconds: run.gapSeconds });
  }
  return joined;
}

/**
 * Return the parts of an interval that no other interval covers.
 *
 * @param {Interval} interval
 * @param {Interval[]} others
 * @returns {Interval[]} ascending in time
 */
function subtract({ from, to }, others) {
  const parts = [];
  let start = from;
  for (const other of others.toSorted((a, b) => a.from - b.from)) {
    if (other.from > start) parts.push({ from: start, to: Math.min(other.from, to) });
    start = Math.max(start, other.to);
    if (start >= to) break;
  }
  if (start < to) parts.push({ from: start, to });
  return parts.filter((part) => part.from < part.to);
}
