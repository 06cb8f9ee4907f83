import { selectSegments } from "./segments.js";
import { lowerBound } from "./sortedTimes.js";

/** @typedef {import("./segments.js").CachedInterval} CachedInterval */
/** @typedef {import("./segments.js").ColumnSource} ColumnSource */
/** @typedef {import("./series.js").Series} Series */
/** @typedef {Pick<Series, "cachedIntervals" | "earlier">} StateSeries */
/** @typedef {{ source: ColumnSource, index: number }} Position of a reading or bucket */
/**
 * Time in which a state has one value, or a bucket in which it has several.
 *
 * @typedef {object} Run
 * @property {number} from seconds
 * @property {number} to seconds
 * @property {number} min
 * @property {number} max same as `min` for one value
 * @property {number} mean
 */
/**
 * Value at a time, and since when it has been held.
 *
 * @typedef {object} HeldValue
 * @property {number} value
 * @property {number} min
 * @property {number} max
 * @property {number} since seconds
 * @property {boolean} isExact false if it may have been held even longer
 */
/**
 * Times of the values of a state in a range.
 *
 * @typedef {object} StateSummary
 * @property {number} seconds in which the value is known
 * @property {number} mean weighted by time
 * @property {number} changes number of times that the value changed
 * @property {Map<number, number>} shares seconds of each value, in the order of the values
 */

/** Sources through which the start of a held value is followed. */
const MAX_SOURCES = 40;

/**
 * Return the value that a state has at a time, although its last reading may be old.
 *
 * @param {StateSeries} series
 * @param {number} time seconds
 * @returns {HeldValue | null} null if it is unknown
 */
export function heldAt(series, time) {
  const intervals = heldIntervals(series);
  let position = lastReading(intervals, time);
  if (!position) return null;
  const { source, index } = position;
  const [min, max] = [source.min[index], source.max[index]];
  const held = { value: source.mean[index], min, max, since: source.t[index], isExact: true };
  if (min !== max) return held;
  for (let i = 0; position && i < MAX_SOURCES; i++) {
    const { source: current, index: last } = position;
    let first = last;
    while (first >= current.start && hasValue(current, first, min)) first--;
    if (first < last) held.since = current.t[first + 1];
    if (first >= current.start) return held;
    // The value may have begun in the source before.
    position = lastReading(intervals, held.since, true);
  }
  held.isExact = false;
  return held;
}

/**
 * Return the last reading or bucket that begins at a time or before it.
 *
 * @param {StateSeries} series
 * @param {number} time seconds
 * @returns {{ time: number, value: number } | null} the end and the mean of a bucket; null if none
 *   is known
 */
export function lastAt(series, time) {
  const position = lastReading(heldIntervals(series), time);
  if (!position) return null;
  const { source, index } = position;
  return { time: source.t[index] + source.bucketSeconds, value: source.mean[index] };
}

/**
 * Return the runs of a state in a range, ascending in time; there is none where it is unknown.
 *
 * @param {StateSeries} series
 * @param {number} from seconds
 * @param {number} to seconds; the last value is held until there
 * @param {number} columnSeconds seconds of a pixel column
 * @returns {Run[]}
 */
export function stateRuns(series, from, to, columnSeconds) {
  if (from >= to) return [];
  const intervals = heldIntervals(series);
  const runs = new RunList();
  const before = lastReading(intervals, from);
  if (before) runs.begin(before.source, before.index, from);
  let end = from;
  for (const segment of selectSegments(intervals, from, to, columnSeconds).segments) {
    if (segment.from > end) runs.end(end);
    end = Math.max(end, segment.to);
    const { t } = segment.source;
    for (let i = segment.start; i < segment.end; i++) {
      if (t[i] > from && t[i] < to) runs.begin(segment.source, i, t[i]);
    }
  }
  runs.end(Math.min(end, to));
  return runs.all;
}

/**
 * Sum up the values of a state in a range, weighted by time.
 *
 * @param {StateSeries} series
 * @param {number} from seconds
 * @param {number} to seconds
 * @returns {StateSummary | null} null if no value is known
 */
export function summarizeStates(series, from, to) {
  const runs = stateRuns(series, from, to, (to - from) / 1_000);
  if (!runs.length) return null;
  /** @type {Map<number, number>} */
  const shares = new Map();
  let [seconds, sum, changes] = [0, 0, 0];
  runs.forEach(({ from: start, to: end, min, max, mean }, i) => {
    const length = end - start;
    seconds += length;
    sum += length * mean;
    if (min === max) shares.set(min, (shares.get(min) ?? 0) + length);
    else {
      const high = (length * (mean - min)) / (max - min);
      shares.set(min, (shares.get(min) ?? 0) + length - high);
      shares.set(max, (shares.get(max) ?? 0) + high);
    }
    const isJoined = i > 0 && runs[i - 1].to === start;
    if (min !== max || (isJoined && runs[i - 1].max !== min)) changes++;
  });
  const sorted = new Map([...shares].sort(([a], [b]) => a - b));
  return { seconds, mean: seconds ? sum / seconds : runs[0].mean, changes, shares: sorted };
}

/** Collects runs, and joins those with the same value. */
class RunList {
  /** @type {Run[]} */
  all = [];
  /** @type {Run | null} */
  #open = null;
  /** Time until which the open run is known; Infinity until the next reading. */
  #knownTo = Infinity;

  /**
   * @param {ColumnSource} source
   * @param {number} index of the reading or bucket
   * @param {number} time at which it begins
   */
  begin({ t, min, max, mean, bucketSeconds }, index, time) {
    const [low, high] = [min[index], max[index]];
    const open = this.#open;
    if (open && low === high && open.min === low && open.max === high) return;
    this.end(time);
    this.#open = { from: time, to: time, min: low, max: high, mean: mean[index] };
    // Nobody knows the last value of a bucket with several.
    this.#knownTo = low === high ? Infinity : t[index] + bucketSeconds;
  }

  /** @param {number} time */
  end(time) {
    if (!this.#open) return;
    this.#open.to = Math.min(time, this.#knownTo);
    if (this.#open.to > this.#open.from) this.all.push(this.#open);
    this.#open = null;
  }
}

/** @param {StateSeries} series @returns {CachedInterval[]} */
function heldIntervals({ cachedIntervals, earlier }) {
  const before = earlier.intervals.map((source) => {
    const { from, to, requestedColumnSeconds, stale } = source;
    return { source, from, to, requestedColumnSeconds, stale };
  });
  return [...cachedIntervals, ...before];
}

/**
 * Return true if the page has the last reading before a time, or knows that there is none.
 *
 * @param {StateSeries} series
 * @param {number} time seconds
 */
export function knowsValueAt(series, time) {
  const { position, reached } = findLast(heldIntervals(series), time);
  return position !== null || reached === -Infinity;
}

/**
 * Return the last reading or bucket that begins at a time or before it, or null.
 *
 * @param {CachedInterval[]} intervals
 * @param {number} time seconds
 * @param {boolean} [isBefore] true for one that begins before the time
 */
const lastReading = (intervals, time, isBefore) => findLast(intervals, time, isBefore).position;

/**
 * Go back from a time until a reading or bucket begins, or until something is not loaded.
 *
 * @param {CachedInterval[]} intervals
 * @param {number} time seconds
 * @param {boolean} [isBefore] true for one that begins before the time
 * @returns {{ position: Position | null, reached: number }} `reached` is a time in seconds
 */
function findLast(intervals, time, isBefore = false) {
  let reached = time;
  for (;;) {
    /** @type {Position | null} */
    let best = null;
    let start = reached;
    for (const { source, from, to, stale } of intervals) {
      if (stale || from > reached || to < reached) continue;
      const next = lowerBound(source.t, time, source.start, source.end);
      const isAtTime = !isBefore && next < source.end && source.t[next] === time;
      const index = isAtTime ? next : next - 1;
      if (index < source.start) start = Math.min(start, from);
      else if (!best || isBetter(source, index, best)) best = { source, index };
    }
    if (best || start === reached) return { position: best, reached };
    reached = start;
  }
}

/**
 * Return true for a single reading instead of a bucket, and for the later one of the same sort.
 *
 * @param {ColumnSource} source
 * @param {number} index
 * @param {Position} best
 */
function isBetter(source, index, best) {
  const isSingle = source.bucketSeconds === 0;
  if (isSingle !== (best.source.bucketSeconds === 0)) return isSingle;
  return source.t[index] > best.source.t[best.index];
}

/**
 * @param {ColumnSource} source
 * @param {number} index
 * @param {number} value
 */
const hasValue = ({ min, max }, index, value) => min[index] === value && max[index] === value;
