import { BucketArchive } from "./bucketArchive.js";
import { HistoryColumns } from "./historyColumns.js";
import { selectSegments } from "./segments.js";
import { ReadingBuffer } from "./readingBuffer.js";
import { findNearest, summarizeSegments } from "./segmentQueries.js";

/** @typedef {import("./segments.js").CachedInterval} Stretch */
/** @typedef {{ time: number, value: number }} NewestReading */

/** Single readings that a series holds at most: the oldest go into buckets. */
const MOST_READINGS = 32_768;
/** So many go at once. */
const PORTION = 2_048;
/** Stretches of history that a series holds at most: the oldest go. */
const MOST_LAYERS = 6;

/**
 * One series: its newest readings one by one, older ones in buckets, and the stretches of history
 * that were looked at. All of it is one line in time. Times are in seconds.
 */
export class Series {
  readings = new ReadingBuffer();
  archive = new BucketArchive();
  /** From here on `readings` holds everything. */
  completeFrom = -Infinity;
  /** Stretches of history, the one loaded last in front. @type {HistoryColumns[]} */
  layers = [];
  /** @type {string | null} */
  unit = null;
  /** The newest reading, or null. @type {NewestReading | null} */
  newest = null;
  /** Whether the list of all series had it. */
  listed = false;
  /** What the server listed as the newest. @type {NewestReading | null} */
  #told = null;
  /** Grows with every change. */
  revision = 0;
  /** Grows with every change but that of `readings`, which has a version of its own. */
  historyVersion = 0;

  /**
   * @param {string} name
   * @param {number} slot its place among all series, which decides its colour
   */
  constructor(name, slot) {
    this.name = name;
    this.slot = slot;
  }

  /**
   * Take readings in any order.
   *
   * @param {number[]} times
   * @param {number[]} values
   */
  addReadings(times, values) {
    const { readings } = this;
    /** @type {Map<number, number>} */
    const late = new Map();
    for (let i = 0; i < times.length; i++) {
      if (times[i] < this.completeFrom) this.#absorb(times[i], values[i]);
      else if (times[i] > readings.newest && !late.size) readings.push(times[i], values[i]);
      else late.set(times[i], values[i]);
      this.#note(times[i], values[i]);
    }
    if (late.size) {
      const inOrder = [...late].sort((a, b) => a[0] - b[0]);
      readings.insert(inOrder.map(([time]) => time), inOrder.map(([, value]) => value));
    }
    if (readings.length > MOST_READINGS + PORTION) this.#archive(readings.length - MOST_READINGS);
    this.revision++;
  }

  /**
   * Put what history says of the newest stretch in the place of what is held up to its end. Newer
   * readings stay.
   *
   * @param {import("./historyColumns.js").SeriesHistory} answered
   * @param {number} from
   */
  replaceNewest(answered, from) {
    const columns = new HistoryColumns(answered, from, Infinity, Infinity);
    const { t, mean, bucketSeconds: bucket, end } = columns;
    const until = end ? t[end - 1] + bucket : -Infinity;
    const { readings } = this;
    const kept = readings.indexOf(until) - readings.start;
    const newest = readings.t.slice(readings.start + kept, readings.end);
    const values = readings.mean.slice(readings.start + kept, readings.end);
    readings.clear();
    this.completeFrom = from;
    if (bucket && end) {
      columns.to = this.completeFrom = until;
      this.#hold(columns);
    } else {
      for (let i = 0; i < end; i++) readings.push(t[i], mean[i]);
    }
    for (let i = 0; i < newest.length; i++) {
      if (newest[i] !== readings.newest) readings.push(newest[i], values[i]);
    }
    if (end) this.#note(t[end - 1], mean[end - 1]);
    this.#reshape();
  }

  /**
   * Take a stretch of history to look at.
   *
   * @param {HistoryColumns} columns
   */
  addHistory(columns) {
    if (columns.bucketSeconds || !this.#extendReadings(columns)) this.#hold(columns);
    this.#reshape();
  }

  /** Forget everything; stretches of history are shown until they have been loaded anew. */
  clear() {
    this.readings.clear();
    this.archive.clear();
    for (const layer of this.layers) layer.stale = true;
    this.newest = this.#told;
    this.completeFrom = -Infinity;
    this.#reshape();
  }

  /** All that is held, by the time for which it says everything. @returns {Stretch[]} */
  get cachedIntervals() {
    const { archive, readings, completeFrom: since } = this;
    const stretches = this.layers.map((source) => {
      const { from, to, requestedColumnSeconds, stale } = source;
      return { source, from, to, requestedColumnSeconds, stale };
    });
    const { from, to } = archive;
    /** @type {Stretch} */
    const newest = { source: readings, from: since, to: Infinity, requestedColumnSeconds: 0, stale: false };
    if (!archive.end) return [newest, ...stretches];
    return [newest, { source: archive, from, to, requestedColumnSeconds: Infinity, stale: false }, ...stretches];
  }

  /**
   * What to draw between two times; see `compose`.
   *
   * @param {number} from
   * @param {number} to
   * @param {number} column seconds of a column of pixels
   */
  selectSegments(from, to, column) {
    return selectSegments(this.cachedIntervals, from, to, column);
  }

  /**
   * The lowest, highest and mean value between two times, and of how many readings; null without
   * any. Where history is held in buckets, those that begin there count.
   *
   * @param {number} from
   * @param {number} to
   * @returns {import("./segmentQueries.js").Summary | null}
   */
  summary(from, to) {
    return summarizeSegments(this.selectSegments(from, to, (to - from) / 1_000).segments, from, to);
  }

  /**
   * The reading, or bucket, at a time: null where there is a gap, or none within `reach` seconds.
   *
   * @param {number} time
   * @param {number} reach
   * @returns {import("./segmentQueries.js").Nearest | null}
   */
  nearest(time, reach) {
    const { segments: pieces } = this.selectSegments(time - reach, time + reach, reach / 50);
    return findNearest(pieces, time, reach);
  }

  /**
   * Where the line is at `time`, the newest there is: at its newest reading, or on its way to it.
   *
   * @param {number} time
   * @returns {NewestReading | null} null where it is not
   */
  lineEnd(time) {
    const { newest: last, readings } = this;
    if (!last || last.time <= time) return last;
    const { t, mean, start, end, gapSeconds: gap } = readings;
    const next = readings.indexOf(time);
    if (next === start || next === end || t[next] - t[next - 1] > gap) return null;
    const share = (time - t[next - 1]) / (t[next] - t[next - 1]);
    return { time, value: mean[next - 1] + share * (mean[next] - mean[next - 1]) };
  }

  /**
   * Take what the server lists as the newest reading: it may be long before what is looked at.
   *
   * @param {NewestReading | null} newest null where it has none
   */
  setListedNewest(newest) {
    this.#told = newest;
    if (newest) this.#note(newest.time, newest.value);
  }

  /**
   * Remember the newest reading of all.
   *
   * @param {number} time
   * @param {number} value
   */
  #note(time, value) {
    if (!this.newest || time >= this.newest.time) this.newest = { time, value };
  }

  /** @param {number} time @param {number} value a reading from before `since` */
  #absorb(time, value) {
    const { archive } = this;
    if (time >= archive.from && time < archive.to) archive.absorb(time, value);
    for (const layer of this.layers) {
      if (time >= layer.from && time < layer.to) layer.absorb(time, value);
    }
    this.historyVersion++;
  }

  /** @param {HistoryColumns} columns */
  #hold(columns) {
    const others = this.layers.filter((layer) => !isCovered(layer, columns));
    this.layers = [columns, ...others].slice(0, MOST_LAYERS);
  }

  #reshape() {
    this.historyVersion++;
    this.revision++;
  }

  /** @param {number} count of the oldest readings */
  #archive(count) {
    const { archive, readings } = this;
    const end = readings.start + count;
    // What comes after a stretch that is not held begins a new archive.
    if (archive.to !== this.completeFrom) archive.clear();
    if (archive.from === Infinity) archive.from = this.completeFrom;
    archive.take(readings, readings.start, end);
    this.completeFrom = archive.to = readings.t[end];
    readings.drop(count);
  }

  /**
   * Single readings up to where ours begin make ours begin earlier.
   *
   * @param {HistoryColumns} columns
   * @returns {boolean} whether they have done so
   */
  #extendReadings({ from, to, t, mean }) {
    const { readings } = this;
    if (to < this.completeFrom || from >= this.completeFrom) return from >= this.completeFrom;
    const older = t.findLastIndex((time) => time < this.completeFrom) + 1;
    if (older + readings.length > MOST_READINGS) return false;
    if (older) readings.insert(Array.from(t.subarray(0, older)), Array.from(mean.subarray(0, older)));
    this.completeFrom = from;
    return true;
  }
}

/** @param {HistoryColumns} layer @param {HistoryColumns} by */
function isCovered(layer, by) {
  const inside = layer.from >= by.from && layer.to <= by.to;
  return inside && (layer.stale || layer.bucketSeconds >= by.bucketSeconds);
}
