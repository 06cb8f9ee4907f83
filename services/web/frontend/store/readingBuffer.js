import { lowerBound, medianInterval } from "./sortedTimes.js";

/** Places to begin with. */
const FIRST_ROOM = 256;
/** Where this share of the places is free, what is held moves to the front instead of growing. */
const SPARE = 0.2;

const LEAST_GAP = 3;
const GAP_INTERVALS = 5;
const INTERVALS_LOOKED_AT = 101;

/**
 * Single readings in the order of their time, in typed arrays of bounded length. A time stands for
 * one reading. Those held are at the indexes from `start` up to `end`.
 */
export class ReadingBuffer {
  t = new Float64Array(FIRST_ROOM);
  mean = new Float64Array(FIRST_ROOM);
  start = 0;
  end = 0;
  /** How many have been dropped from the front, ever: `dropped + i - start` is a lasting index. */
  dropped = 0;
  /** Grows when anything but the two ends changes. */
  version = 0;
  /** Single readings stand for no stretch of time. */
  bucketSeconds = 0;
  #gap = { at: -1, value: LEAST_GAP };

  get length() {
    return this.end - this.start;
  }

  /** The lowest and highest of a reading is its value. */
  get min() {
    return this.mean;
  }

  get max() {
    return this.mean;
  }

  /** The time of the newest; -Infinity when there is none. */
  get newest() {
    return this.length ? this.t[this.end - 1] : -Infinity;
  }

  /** Seconds without a reading that make a gap: five usual intervals, and at least three. */
  get gapSeconds() {
    const at = this.dropped + this.end - this.start;
    // A few more readings don't change what is usual.
    if (this.#gap.at < 0 || Math.abs(at - this.#gap.at) > this.length / 16) {
      const usual = medianInterval(
        this.t,
        Math.max(this.start, this.end - INTERVALS_LOOKED_AT),
        this.end,
      );
      this.#gap = { at, value: Math.max(LEAST_GAP, GAP_INTERVALS * usual) };
    }
    return this.#gap.value;
  }

  /** @param {number} time @returns {number} the index of the first that is not before it */
  indexOf(time) {
    return lowerBound(this.t, time, this.start, this.end);
  }

  /**
   * Take the newest reading.
   *
   * @param {number} time after all that are held
   * @param {number} value
   */
  push(time, value) {
    if (this.end === this.t.length) this.#makeRoom(1);
    this.t[this.end] = time;
    this.mean[this.end++] = value;
  }

  /**
   * Take readings wherever they belong; one of the same time takes the place of the other.
   *
   * @param {number[]} times ascending, each once
   * @param {number[]} values
   */
  insert(times, values) {
    const at = this.indexOf(times[0]);
    const laterTimes = this.t.slice(at, this.end);
    const laterValues = this.mean.slice(at, this.end);
    this.end = at;
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
    this.#gap.at = -1;
  }

  /** Forget the oldest. @param {number} count */
  drop(count) {
    this.start += count;
    this.dropped += count;
  }

  clear() {
    this.start = this.end = 0;
    this.version++;
    this.#gap.at = -1;
  }

  /** @param {number} count of readings more */
  #makeRoom(count) {
    const needed = this.length + count;
    const room = this.t.length;
    if (needed > room * (1 - SPARE)) {
      const size = Math.max(room * 2, needed);
      const [t, mean] = [new Float64Array(size), new Float64Array(size)];
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
