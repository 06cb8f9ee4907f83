import { Archive } from "./bucketArchive.js";
import { Columns } from "./historyColumns.js";
import { compose } from "./segments.js";
import { Readings } from "./readingBuffer.js";
import { nearestOf, summaryOf } from "./segmentQueries.js";

/** @typedef {import("./segments.js").Stretch} Stretch */
/** @typedef {{ time: number, value: number }} Newest */

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
  readings = new Readings();
  archive = new Archive();
  /** From here on `readings` holds everything. */
  since = -Infinity;
  /** Stretches of history, the one loaded last in front. @type {Columns[]} */
  layers = [];
  /** @type {string | null} */
  unit = null;
  /** The newest reading, or null. @type {Newest | null} */
  last = null;
  /** Whether the list of all series had it. */
  listed = false;
  /** What the server listed as the newest. @type {Newest | null} */
  #told = null;
  /** Grows with every change. */
  revision = 0;
  /** Grows with every change but that of `readings`, which has a version of its own. */
  shape = 0;

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
  add(times, values) {
    const { readings } = this;
    /** @type {Map<number, number>} */
    const late = new Map();
    for (let i = 0; i < times.length; i++) {
      if (times[i] < this.since) this.#absorb(times[i], values[i]);
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
   * @param {import("./historyColumns.js").Answered} answered
   * @param {number} from
   */
  replace(answered, from) {
    const columns = new Columns(answered, from, Infinity, Infinity);
    const { t, mid, bucket, end } = columns;
    const until = end ? t[end - 1] + bucket : -Infinity;
    const { readings } = this;
    const kept = readings.indexOf(until) - readings.start;
    const newest = readings.t.slice(readings.start + kept, readings.end);
    const values = readings.mid.slice(readings.start + kept, readings.end);
    readings.clear();
    this.since = from;
    if (bucket && end) {
      columns.to = this.since = until;
      this.#hold(columns);
    } else {
      for (let i = 0; i < end; i++) readings.push(t[i], mid[i]);
    }
    for (let i = 0; i < newest.length; i++) {
      if (newest[i] !== readings.newest) readings.push(newest[i], values[i]);
    }
    if (end) this.#note(t[end - 1], mid[end - 1]);
    this.#reshape();
  }

  /**
   * Take a stretch of history to look at.
   *
   * @param {Columns} columns
   */
  extend(columns) {
    if (columns.bucket || !this.#extendReadings(columns)) this.#hold(columns);
    this.#reshape();
  }

  /** Forget everything; stretches of history are shown until they have been loaded anew. */
  clear() {
    this.readings.clear();
    this.archive.clear();
    for (const layer of this.layers) layer.stale = true;
    this.last = this.#told;
    this.since = -Infinity;
    this.#reshape();
  }

  /** All that is held, by the time for which it says everything. @returns {Stretch[]} */
  get stretches() {
    const { archive, readings, since } = this;
    const stretches = this.layers.map((source) => {
      const { from, to, asked, stale } = source;
      return { source, from, to, asked, stale };
    });
    const { from, to } = archive;
    /** @type {Stretch} */
    const newest = { source: readings, from: since, to: Infinity, asked: 0, stale: false };
    if (!archive.end) return [newest, ...stretches];
    return [newest, { source: archive, from, to, asked: Infinity, stale: false }, ...stretches];
  }

  /**
   * What to draw between two times; see `compose`.
   *
   * @param {number} from
   * @param {number} to
   * @param {number} column seconds of a column of pixels
   */
  compose(from, to, column) {
    return compose(this.stretches, from, to, column);
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
    return summaryOf(this.compose(from, to, (to - from) / 1_000).pieces, from, to);
  }

  /**
   * The reading, or bucket, at a time: null where there is a gap, or none within `reach` seconds.
   *
   * @param {number} time
   * @param {number} reach
   * @returns {import("./segmentQueries.js").Nearest | null}
   */
  at(time, reach) {
    const { pieces } = this.compose(time - reach, time + reach, reach / 50);
    return nearestOf(pieces, time, reach);
  }

  /**
   * Where the line is at `time`, the newest there is: at its newest reading, or on its way to it.
   *
   * @param {number} time
   * @returns {Newest | null} null where it is not
   */
  head(time) {
    const { last, readings } = this;
    if (!last || last.time <= time) return last;
    const { t, mid, start, end, gap } = readings;
    const next = readings.indexOf(time);
    if (next === start || next === end || t[next] - t[next - 1] > gap) return null;
    const share = (time - t[next - 1]) / (t[next] - t[next - 1]);
    return { time, value: mid[next - 1] + share * (mid[next] - mid[next - 1]) };
  }

  /**
   * Take what the server lists as the newest reading: it may be long before what is looked at.
   *
   * @param {Newest | null} newest null where it has none
   */
  tell(newest) {
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
    if (!this.last || time >= this.last.time) this.last = { time, value };
  }

  /** @param {number} time @param {number} value a reading from before `since` */
  #absorb(time, value) {
    const { archive } = this;
    if (time >= archive.from && time < archive.to) archive.absorb(time, value);
    for (const layer of this.layers) {
      if (time >= layer.from && time < layer.to) layer.absorb(time, value);
    }
    this.shape++;
  }

  /** @param {Columns} columns */
  #hold(columns) {
    const others = this.layers.filter((layer) => !isCovered(layer, columns));
    this.layers = [columns, ...others].slice(0, MOST_LAYERS);
  }

  #reshape() {
    this.shape++;
    this.revision++;
  }

  /** @param {number} count of the oldest readings */
  #archive(count) {
    const { archive, readings } = this;
    const end = readings.start + count;
    // What comes after a stretch that is not held begins a new archive.
    if (archive.to !== this.since) archive.clear();
    if (archive.from === Infinity) archive.from = this.since;
    archive.take(readings, readings.start, end);
    this.since = archive.to = readings.t[end];
    readings.drop(count);
  }

  /**
   * Single readings up to where ours begin make ours begin earlier.
   *
   * @param {Columns} columns
   * @returns {boolean} whether they have done so
   */
  #extendReadings({ from, to, t, mid }) {
    const { readings } = this;
    if (to < this.since || from >= this.since) return from >= this.since;
    const older = t.findLastIndex((time) => time < this.since) + 1;
    if (older + readings.length > MOST_READINGS) return false;
    if (older) readings.insert(Array.from(t.subarray(0, older)), Array.from(mid.subarray(0, older)));
    this.since = from;
    return true;
  }
}

/** @param {Columns} layer @param {Columns} by */
function isCovered(layer, by) {
  const inside = layer.from >= by.from && layer.to <= by.to;
  return inside && (layer.stale || layer.bucket >= by.bucket);
}
