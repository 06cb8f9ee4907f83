import { BucketArchive } from "./bucketArchive.js";
import { EarlierReadings } from "./earlierReadings.js";
import { HistoryColumns } from "./historyColumns.js";
import { ReadingBuffer } from "./readingBuffer.js";
import { findNearest, summarizeSegments } from "./segmentQueries.js";
import { selectSegments } from "./segments.js";
import { SeriesDescription } from "./seriesDescription.js";

/** @typedef {import("./segments.js").CachedInterval} CachedInterval */
/** @typedef {{ time: number, value: number }} TimedValue */

/** Single readings of a series; older ones move to the archive. */
export const MAX_READINGS = 32_768;
/** Readings that move to the archive together. */
const ARCHIVE_BATCH = 2_048;
/** Loaded intervals of history of a series; the ones loaded first are dropped. */
const MAX_LAYERS = 6;

/**
 * One series as the page caches it. All times are in seconds.
 *
 * The newest readings are held one by one, older ones as buckets. Loaded intervals of history are
 * layers beside them. Together they are drawn as one line.
 */
export class Series extends SeriesDescription {
  readings = new ReadingBuffer();
  archive = new BucketArchive();
  /** Time from which `readings` is complete. */
  completeFrom = -Infinity;
  /** Single readings that it may hold; less if the page has many series. */
  maxReadings = MAX_READINGS;
  /** Loaded history, the newest answer first. @type {HistoryColumns[]} */
  layers = [];
  /** The last readings before loaded intervals. */
  earlier = new EarlierReadings();
  /** The newest reading, or null. @type {TimedValue | null} */
  newest = null;
  /** True once the list of all series had this one. */
  listed = false;
  /** The newest reading according to that list. @type {TimedValue | null} */
  #listedNewest = null;
  /** Number that grows with each change. */
  revision = 0;
  /** Number that grows with each change outside `readings`, which has its own version. */
  historyVersion = 0;

  /**
   * Add readings in any order.
   *
   * @param {number[]} times
   * @param {number[]} values
   */
  addReadings(times, values) {
    const { readings } = this;
    /** @type {Map<number, number>} */
    const late = new Map();
    for (let i = 0; i < times.length; i++) {
      if (times[i] < this.completeFrom) this.#addToHistory(times[i], values[i]);
      else if (times[i] > readings.newest && !late.size) readings.push(times[i], values[i]);
      else late.set(times[i], values[i]);
      this.#updateNewest(times[i], values[i]);
    }
    if (late.size) {
      const sorted = [...late].sort((a, b) => a[0] - b[0]);
      readings.insert(sorted.map(([time]) => time), sorted.map(([, value]) => value));
    }
    const excess = readings.length - this.maxReadings;
    if (excess > ARCHIVE_BATCH) this.#moveToArchive(excess);
    this.revision++;
  }

  /**
   * Replace the cached readings up to the end of a history answer; newer readings stay.
   *
   * @param {import("./historyColumns.js").SeriesHistory} history the newest interval
   * @param {number} from start of the interval
   */
  replaceNewest(history, from) {
    const columns = new HistoryColumns(history, from, Infinity, Infinity);
    const { t, mean, bucketSeconds, end } = columns;
    const historyEnd = end ? columns.endOf(end - 1) : -Infinity;
    const { readings } = this;
    const start = readings.indexOf(historyEnd);
    const newerTimes = readings.t.slice(start, readings.end);
    const newerValues = readings.mean.slice(start, readings.end);
    readings.clear();
    this.completeFrom = from;
    if (bucketSeconds && end) {
      columns.to = this.completeFrom = historyEnd;
      this.#addLayer(columns);
    } else {
      for (let i = 0; i < end; i++) readings.push(t[i], mean[i]);
    }
    for (let i = 0; i < newerTimes.length; i++) {
      if (newerTimes[i] !== readings.newest) readings.push(newerTimes[i], newerValues[i]);
    }
    if (end) this.#updateNewest(t[end - 1], mean[end - 1]);
    if (history.before !== undefined) this.earlier.add(from, history.before);
    this.#historyChanged();
  }

  /**
   * Add a loaded interval of history.
   *
   * @param {HistoryColumns} columns
   */
  addHistory(columns) {
    if (columns.bucketSeconds || !this.#prependReadings(columns)) this.#addLayer(columns);
    this.#historyChanged();
  }

  /** Forget all readings; layers stay visible as stale until their interval is loaded again. */
  clear() {
    this.readings.clear();
    this.archive.clear();
    this.earlier.clear();
    for (const layer of this.layers) layer.stale = true;
    this.newest = this.#listedNewest;
    this.completeFrom = -Infinity;
    this.#historyChanged();
  }

  /** Everything in the cache, each source with its interval. @returns {CachedInterval[]} */
  get cachedIntervals() {
    const { archive, readings, completeFrom } = this;
    const layers = this.layers.map((source) => {
      const { from, to, requestedColumnSeconds, stale } = source;
      return { source, from, to, requestedColumnSeconds, stale };
    });
    /** @type {CachedInterval} */
    const live = {
      source: readings, from: completeFrom, to: Infinity, requestedColumnSeconds: 0, stale: false,
    };
    if (!archive.end) return [live, ...layers];
    const { from, to } = archive;
    const archived = {
      source: archive, from, to, requestedColumnSeconds: Infinity, stale: false,
    };
    return [live, archived, ...layers];
  }

  /**
   * Select the segments to draw between two times, and the intervals that have to be loaded.
   *
   * @param {number} from
   * @param {number} to
   * @param {number} columnSeconds seconds of a pixel column
   */
  selectSegments(from, to, columnSeconds) {
    return selectSegments(this.cachedIntervals, from, to, columnSeconds);
  }

  /**
   * Return the minimum, maximum, mean and count between two times, or null without readings.
   *
   * A bucket is included if it begins in the range.
   *
   * @param {number} from
   * @param {number} to
   */
  summary(from, to) {
    const { segments } = this.selectSegments(from, to, (to - from) / 1_000);
    return summarizeSegments(segments, from, to);
  }

  /**
   * Return the reading or bucket at a time, or null in a gap or if none is near enough.
   *
   * @param {number} time
   * @param {number} maxDistanceSeconds
   */
  nearest(time, maxDistanceSeconds) {
    const { segments } = this.selectSegments(
      time - maxDistanceSeconds,
      time + maxDistanceSeconds,
      maxDistanceSeconds / 50,
    );
    return findNearest(segments, time, maxDistanceSeconds);
  }

  /**
   * Return the end of the line in a window that ends at a time.
   *
   * This is the newest reading, or the point where the window cuts the line.
   *
   * @param {number} time
   * @returns {TimedValue | null} null if the line does not reach the end of the window
   */
  lineEnd(time) {
    const { newest, readings } = this;
    if (!newest || newest.time <= time) return newest;
    const { t, mean, start, end, gapSeconds } = readings;
    const next = readings.indexOf(time);
    if (next === start || next === end || t[next] - t[next - 1] > gapSeconds) return null;
    const share = (time - t[next - 1]) / (t[next] - t[next - 1]);
    return { time, value: mean[next - 1] + share * (mean[next] - mean[next - 1]) };
  }

  /**
   * Set the newest reading from the server's list; it may be older than the cached interval.
   *
   * @param {TimedValue | null} newest null if the list has none
   */
  setListedNewest(newest) {
    this.#listedNewest = newest;
    if (newest) this.#updateNewest(newest.time, newest.value);
  }

  /**
   * @param {number} time
   * @param {number} value
   */
  #updateNewest(time, value) {
    if (!this.newest || time >= this.newest.time) this.newest = { time, value };
  }

  /**
   * Add a reading from before `completeFrom` to the archive and the layers.
   *
   * @param {number} time
   * @param {number} value
   */
  #addToHistory(time, value) {
    const { archive } = this;
    if (time >= archive.from && time < archive.to) archive.addLate(time, value);
    for (const layer of this.layers) {
      if (time >= layer.from && time < layer.to) layer.addLate(time, value);
    }
    this.earlier.addLate(time, value);
    this.historyVersion++;
  }

  /** @param {HistoryColumns} columns */
  #addLayer(columns) {
    const others = this.layers.filter((layer) => !isReplacedBy(layer, columns));
    this.layers = [columns, ...others].slice(0, MAX_LAYERS);
  }

  #historyChanged() {
    this.historyVersion++;
    this.revision++;
  }

  /** @param {number} count number of the oldest readings to move */
  #moveToArchive(count) {
    const { archive, readings } = this;
    const end = readings.start + count;
    // The archive is one interval without holes: after an interval that is not cached it restarts.
    if (archive.to !== this.completeFrom) archive.clear();
    if (archive.from === Infinity) archive.from = this.completeFrom;
    archive.append(readings, readings.start, end);
    this.completeFrom = archive.to = readings.t[end];
    readings.drop(count);
  }

  /**
   * Put loaded single readings before the live ones, if they reach up to those and there is room.
   *
   * @param {HistoryColumns} columns
   * @returns {boolean} true if the readings are now complete for the interval
   */
  #prependReadings({ from, to, t, mean }) {
    const { readings, completeFrom } = this;
    if (to < completeFrom || from >= completeFrom) return from >= completeFrom;
    const count = t.findLastIndex((time) => time < completeFrom) + 1;
    if (count + readings.length > this.maxReadings) return false;
    const [times, values] = [t, mean].map((column) => Array.from(column.subarray(0, count)));
    if (count) readings.insert(times, values);
    this.completeFrom = from;
    return true;
  }
}

/**
 * @param {HistoryColumns} layer
 * @param {HistoryColumns} other
 */
function isReplacedBy(layer, other) {
  const isInside = layer.from >= other.from && layer.to <= other.to;
  return isInside && (layer.stale || layer.bucketSeconds >= other.bucketSeconds);
}
