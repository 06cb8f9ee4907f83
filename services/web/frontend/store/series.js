import { lowerBound } from "./sorted.js";

/** Readings that a series holds at most, whatever the window: the oldest go first. */
const MOST_HELD = 100_000;

/** What is left over before the window until it is worth moving the arrays. */
const SLACK = 256;

const LEAST_GAP = 3;
const GAP_INTERVALS = 5;
const INTERVALS_LOOKED_AT = 101;

/**
 * The readings of one series in the order of their time. A time stands for one reading: the same
 * time again replaces its value. Times are in seconds.
 */
export class Series {
  /**
   * @param {string} name
   * @param {number} slot its place among all series, which decides its colour
   */
  constructor(name, slot) {
    this.name = name;
    this.slot = slot;
    /** @type {string | null} */
    this.unit = null;
    /** @type {number[]} */
    this.times = [];
    /** @type {number[]} */
    this.values = [];
    /** Seconds that a point of the history stands for; 0 when history is single readings. */
    this.bucket = 0;
    /** Grows with every change of the readings. */
    this.revision = 0;
  }

  /** @returns {{ time: number, value: number } | null} the newest reading */
  get last() {
    const end = this.times.length - 1;
    return end < 0 ? null : { time: this.times[end], value: this.values[end] };
  }

  /**
   * Seconds without a reading that make a gap: five usual intervals, and at least three seconds.
   *
   * @returns {number}
   */
  get gap() {
    const start = Math.max(1, this.times.length - INTERVALS_LOOKED_AT);
    const intervals = [];
    for (let i = start; i < this.times.length; i++) {
      intervals.push(this.times[i] - this.times[i - 1]);
    }
    intervals.sort((a, b) => a - b);
    const usual = intervals.length ? intervals[intervals.length >> 1] : 0;
    return Math.max(LEAST_GAP, GAP_INTERVALS * Math.max(usual, this.bucket));
  }

  /**
   * Take readings in any order.
   *
   * @param {number[]} times
   * @param {number[]} values
   */
  add(times, values) {
    /** @type {[number, number][]} */
    const late = [];
    for (let i = 0; i < times.length; i++) {
      if (!this.times.length || times[i] > this.times[this.times.length - 1]) {
        this.times.push(times[i]);
        this.values.push(values[i]);
      } else {
        late.push([times[i], values[i]]);
      }
    }
    if (late.length) this.#merge(late);
    if (this.times.length > MOST_HELD + SLACK) this.#drop(this.times.length - MOST_HELD);
    this.revision++;
  }

  /**
   * Put a stretch of history in the place of what is held up to its end. Newer readings stay.
   *
   * @param {number[]} times ascending
   * @param {number[]} values
   * @param {number} bucket seconds that a point stands for, 0 for single readings
   */
  replace(times, values, bucket) {
    const end = times.length ? times[times.length - 1] + bucket : -Infinity;
    const newer = lowerBound(this.times, end);
    const from = this.times[newer] === end && !bucket ? newer + 1 : newer;
    this.times = times.concat(this.times.slice(from));
    this.values = values.concat(this.values.slice(from));
    this.bucket = bucket;
    this.revision++;
  }

  clear() {
    this.times = [];
    this.values = [];
    this.bucket = 0;
    this.revision++;
  }

  /**
   * Forget what is before `time`, but for one reading, from which the line comes into the window.
   *
   * @param {number} time
   */
  trim(time) {
    const before = lowerBound(this.times, time) - 1;
    if (before > SLACK || before > this.times.length / 2) this.#drop(before);
  }

  /** @param {number} count */
  #drop(count) {
    this.times.splice(0, count);
    this.values.splice(0, count);
  }

  /** @param {[number, number][]} late */
  #merge(late) {
    late.sort((a, b) => a[0] - b[0]); // stable: of equal times the one that came last wins
    const start = lowerBound(this.times, late[0][0]);
    const times = this.times.splice(start);
    const values = this.values.splice(start);
    let held = 0;
    for (const [time, value] of late) {
      while (held < times.length && times[held] < time) {
        this.times.push(times[held]);
        this.values.push(values[held++]);
      }
      if (times[held] === time) held++;
      if (this.times[this.times.length - 1] === time) {
        this.values[this.values.length - 1] = value;
      } else {
        this.times.push(time);
        this.values.push(value);
      }
    }
    for (; held < times.length; held++) {
      this.times.push(times[held]);
      this.values.push(values[held]);
    }
  }
}
