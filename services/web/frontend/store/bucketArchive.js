import { bucketGap, MIN_GAP_SECONDS } from "./gapThreshold.js";
import { addToBucket } from "./historyColumns.js";
import { lowerBound } from "./sortedTimes.js";

/** With more buckets than this, each two become one of twice the length. */
const MAX_BUCKETS = 8_192;
/** A power of two, so that starts are exact; fast readings need buckets this short. */
const INITIAL_BUCKET_SECONDS = 1 / 64;

/**
 * Buckets of the live readings that no longer fit into the reading buffer.
 *
 * They are aligned to the epoch, and double in length whenever there are too many. So a year takes
 * as much memory as a day.
 */
export class BucketArchive {
  start = 0;
  end = 0;
  /** Number that grows with each change. */
  version = 0;
  bucketSeconds = INITIAL_BUCKET_SECONDS;
  /** Start of the time for which the archive is complete, in seconds. */
  from = Infinity;
  /** End of that time, in seconds. */
  to = -Infinity;
  t = new Float64Array(0);
  min = new Float64Array(0);
  max = new Float64Array(0);
  mean = new Float64Array(0);
  count = new Float64Array(0);
  #sourceGapSeconds = MIN_GAP_SECONDS;

  /** Seconds without a reading that make a gap. */
  get gapSeconds() {
    return Math.max(bucketGap(this.bucketSeconds), this.#sourceGapSeconds);
  }

  /**
   * Append readings that are newer than all in the archive.
   *
   * @param {import("./readingBuffer.js").ReadingBuffer} readings
   * @param {number} start index of the first reading
   * @param {number} end index after the last reading
   */
  append(readings, start, end) {
    if (!this.t.length) this.#allocate();
    this.#sourceGapSeconds = readings.gapSeconds;
    for (let i = start; i < end; i++) this.#appendReading(readings.t[i], readings.mean[i]);
    this.version++;
  }

  /**
   * Add a reading that came late.
   *
   * @param {number} time
   * @param {number} value
   */
  addLate(time, value) {
    const next = lowerBound(this.t, time, 0, this.end);
    const index = next < this.end && this.t[next] === time ? next : next - 1;
    if (index >= 0 && time < this.t[index] + this.bucketSeconds) addToBucket(this, index, value);
    else if (this.end < MAX_BUCKETS) this.#insert(next, time, value);
    else {
      this.#makeRoom();
      this.addLate(time, value);
    }
    this.version++;
  }

  clear() {
    this.end = 0;
    this.bucketSeconds = INITIAL_BUCKET_SECONDS;
    [this.from, this.to] = [Infinity, -Infinity];
    this.version++;
  }

  #allocate() {
    const column = () => new Float64Array(MAX_BUCKETS);
    [this.t, this.min, this.max] = [column(), column(), column()];
    [this.mean, this.count] = [column(), column()];
  }

  /**
   * @param {number} time
   * @param {number} value
   */
  #appendReading(time, value) {
    const last = this.end - 1;
    if (last >= 0 && time < this.t[last] + this.bucketSeconds) addToBucket(this, last, value);
    else if (this.end < MAX_BUCKETS) this.#startBucket(this.end++, time, value);
    else {
      this.#makeRoom();
      this.#appendReading(time, value);
    }
  }

  /**
   * @param {number} index
   * @param {number} time
   * @param {number} value
   */
  #insert(index, time, value) {
    for (const column of [this.t, this.min, this.max, this.mean, this.count]) {
      column.copyWithin(index + 1, index, this.end);
    }
    this.end++;
    this.#startBucket(index, time, value);
  }

  /**
   * @param {number} index
   * @param {number} time
   * @param {number} value
   */
  #startBucket(index, time, value) {
    this.t[index] = Math.floor(time / this.bucketSeconds) * this.bucketSeconds;
    this.min[index] = this.max[index] = this.mean[index] = value;
    this.count[index] = 1;
  }

  /** Double the buckets until one more fits. */
  #makeRoom() {
    do this.#doubleBuckets();
    while (this.end === MAX_BUCKETS);
  }

  #doubleBuckets() {
    const { t, min, max, mean, count } = this;
    this.bucketSeconds *= 2;
    let last = -1;
    for (let i = 0; i < this.end; i++) {
      const time = Math.floor(t[i] / this.bucketSeconds) * this.bucketSeconds;
      if (last < 0 || t[last] !== time) {
        last++;
        [t[last], min[last], max[last]] = [time, min[i], max[i]];
        [mean[last], count[last]] = [mean[i], count[i]];
      } else {
        min[last] = Math.min(min[last], min[i]);
        max[last] = Math.max(max[last], max[i]);
        const total = count[last] + count[i];
        mean[last] += ((mean[i] - mean[last]) * count[i]) / total;
        count[last] = total;
      }
    }
    this.end = last + 1;
  }
}
