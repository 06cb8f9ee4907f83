import { MIN_GAP_SECONDS, readingGap, widenGap } from "./gapThreshold.js";
import { lowerBound, medianInterval } from "./sortedTimes.js";

const INITIAL_CAPACITY = 256;
/** With this share of the capacity free, readings move to the front instead of a larger array. */
const MIN_FREE_SHARE = 0.2;
/** Newest readings whose median interval determines the length of a gap. */
const MAX_GAP_SAMPLES = 101;

/**
 * Single readings of one series in ascending order of time, in typed arrays.
 *
 * There is one reading for each time. Valid indexes run from `start` to before `end`.
 */
export class ReadingBuffer {
  t = new Float64Array(INITIAL_CAPACITY);
  mean = new Float64Array(INITIAL_CAPACITY);
  start = 0;
  end = 0;
  /** Number of readings ever dropped from the front; `dropped + i - start` never changes. */
  dropped = 0;
  /** Number that grows with each change except at the two ends. */
  version = 0;
  /** Length of a bucket in seconds, always 0: these are single readings. */
  bucketSeconds = 0;
  #gap = { newestIndex: -1, seconds: MIN_GAP_SECONDS, newestSeconds: MIN_GAP_SECONDS };

  get length() {
    return this.end - this.start;
  }

  /** Values again: the minimum of a single reading is its value. */
  get min() {
    return this.mean;
  }

  get max() {
    return this.mean;
  }

  /** Time of the newest reading, or -Infinity without readings. */
  get newest() {
    return this.length ? this.t[this.end - 1] : -Infinity;
  }

  /** Seconds without a reading that make a gap: five usual intervals, and at least 3 s. */
  get gapSeconds() {
    this.#measureGap();
    return this.#gap.seconds;
  }

  /** The same for the newest readings alone. */
  get newestGapSeconds() {
    this.#measureGap();
    return this.#gap.newestSeconds;
  }

  /**
   * Return the index of the first reading that is not before a time.
   *
   * @param {number} time
   */
  indexOf(time) {
    return lowerBound(this.t, time, this.start, this.end);
  }

  /**
   * Append the newest reading.
   *
   * @param {number} time after all times in the buffer
   * @param {number} value
   */
  push(time, value) {
    if (this.end === this.t.length) this.#makeRoom(1);
    this.t[this.end] = time;
    this.mean[this.end++] = value;
  }

  /**
   * Insert readings by their time; a new reading replaces the old one of the same time.
   *
   * @param {number[]} times ascending, without duplicates
   * @param {number[]} values
   */
  insert(times, values) {
    const index = this.indexOf(times[0]);
    const laterTimes = this.t.slice(index, this.end);
    const laterValues = this.mean.slice(index, this.end);
    this.end = index;
    let i = 0;
    for (let j = 0; j < times.length; j++) {
      for (; i < laterTimes.length && laterTimes[i] < times[j]; i++) {
        this.push(laterTimes[i], laterValues[i]);
      }
      if (laterTimes[i] === times[j]) i++;
      this.push(times[j], values[j]);
    }
    for (; i < laterTimes.length; i++) this.push(laterTimes[i], laterValues[i]);
    this.version++;
    this.#gap.newestIndex = -1;
  }

  /**
   * Drop the oldest readings.
   *
   * @param {number} count
   */
  drop(count) {
    this.start += count;
    this.dropped += count;
  }

  clear() {
    this.start = this.end = 0;
    this.version++;
    this.#gap.newestIndex = -1;
  }

  #measureGap() {
    const newestIndex = this.dropped + this.end - this.start;
    const { newestIndex: measuredIndex } = this.#gap;
    // Up to 1/16 more readings hardly change the median.
    const isMeasured = Math.abs(newestIndex - measuredIndex) <= this.length / 16;
    if (measuredIndex >= 0 && isMeasured) return;
    const { t, start, end } = this;
    const sampleStart = Math.max(start, end - MAX_GAP_SAMPLES);
    const newestSeconds = readingGap(medianInterval(t, sampleStart, end));
    const seconds = widenGap(t, start, end, newestSeconds, readingGap);
    this.#gap = { newestIndex, seconds, newestSeconds };
  }

  /** @param {number} count number of readings to add */
  #makeRoom(count) {
    const needed = this.length + count;
    const capacity = this.t.length;
    if (needed > capacity * (1 - MIN_FREE_SHARE)) {
      const newCapacity = Math.max(capacity * 2, needed);
      const [t, mean] = [new Float64Array(newCapacity), new Float64Array(newCapacity)];
      t.set(this.t.subarray(this.start, this.end));
      mean.set(this.mean.subarray(this.start, this.end));
      [this.t, this.mean] = [t, mean];
    } else {
      this.t.copyWithin(0, this.start, this.end);
      this.mean.copyWithin(0, this.start, this.end);
    }
    this.end = this.length;
    this.start = 0;
  }
}
