import { widen } from "./historyColumns.js";
import { lowerBound } from "./sortedTimes.js";

/** Buckets that are held at most: with more, two become one of twice the length. */
const MOST_BUCKETS = 8_192;
/** Seconds of a bucket to begin with. */
const FIRST_BUCKET = 1;
const GAP_BUCKETS = 1.5;
const LEAST_GAP = 3;

/**
 * What a page has seen and can't hold as single readings any more: buckets aligned to the epoch,
 * which grow twice as long whenever there are too many. A year takes as much room as a day.
 */
export class BucketArchive {
  start = 0;
  end = 0;
  version = 0;
  bucketSeconds = FIRST_BUCKET;
  /** From where it holds everything, in seconds, and up to where. */
  from = Infinity;
  to = -Infinity;
  t = new Float64Array(0);
  min = new Float64Array(0);
  max = new Float64Array(0);
  mean = new Float64Array(0);
  count = new Float64Array(0);

  /** Seconds without a reading that make a gap. */
  get gapSeconds() {
    return Math.max(LEAST_GAP, GAP_BUCKETS * this.bucketSeconds, this.sourceGapSeconds);
  }

  /** The gap of the readings that come in here. */
  sourceGapSeconds = 0;

  /**
   * Take readings that come after all before them.
   *
   * @param {import("./readingBuffer.js").ReadingBuffer} readings
   * @param {number} first index
   * @param {number} end index
   */
  take(readings, first, end) {
    if (!this.t.length) this.#allocate();
    this.sourceGapSeconds = readings.gapSeconds;
    for (let i = first; i < end; i++) this.#put(readings.t[i], readings.mean[i]);
    this.version++;
  }

  /** @param {number} time @param {number} value a reading that came late */
  absorb(time, value) {
    const next = lowerBound(this.t, time, 0, this.end);
    const at = next < this.end && this.t[next] === time ? next : next - 1;
    if (at >= 0 && time < this.t[at] + this.bucketSeconds) widen(this, at, value);
    else if (this.end < MOST_BUCKETS) this.#insert(next, time, value);
    else {
      this.#halve();
      this.absorb(time, value);
    }
    this.version++;
  }

  clear() {
    this.end = 0;
    this.bucketSeconds = FIRST_BUCKET;
    [this.from, this.to] = [Infinity, -Infinity];
    this.version++;
  }

  #allocate() {
    const make = () => new Float64Array(MOST_BUCKETS);
    [this.t, this.min, this.max, this.mean, this.count] = [make(), make(), make(), make(), make()];
  }

  /** @param {number} time @param {number} value */
  #put(time, value) {
    const last = this.end - 1;
    if (last >= 0 && time < this.t[last] + this.bucketSeconds) widen(this, last, value);
    else if (this.end < MOST_BUCKETS) this.#set(this.end++, time, value);
    else {
      this.#halve();
      this.#put(time, value);
    }
  }

  /** @param {number} at @param {number} time @param {number} value */
  #insert(at, time, value) {
    for (const column of [this.t, this.min, this.max, this.mean, this.count]) {
      column.copyWithin(at + 1, at, this.end);
    }
    this.end++;
    this.#set(at, time, value);
  }

  /** @param {number} at @param {number} time @param {number} value */
  #set(at, time, value) {
    this.t[at] = Math.floor(time / this.bucketSeconds) * this.bucketSeconds;
    this.min[at] = this.max[at] = this.mean[at] = value;
    this.count[at] = 1;
  }

  /** Make two of one, until there is room. */
  #halve() {
    do this.#double();
    while (this.end === MOST_BUCKETS);
  }

  #double() {
    const { t, min, max, mean, count } = this;
    this.bucketSeconds *= 2;
    let kept = -1;
    for (let i = 0; i < this.end; i++) {
      const time = Math.floor(t[i] / this.bucketSeconds) * this.bucketSeconds;
      if (kept < 0 || t[kept] !== time) {
        kept++;
        [t[kept], min[kept], max[kept]] = [time, min[i], max[i]];
        [mean[kept], count[kept]] = [mean[i], count[i]];
      } else {
        min[kept] = Math.min(min[kept], min[i]);
        max[kept] = Math.max(max[kept], max[i]);
        const all = count[kept] + count[i];
        mean[kept] += ((mean[i] - mean[kept]) * count[i]) / all;
        count[kept] = all;
      }
    }
    this.end = kept + 1;
  }
}
