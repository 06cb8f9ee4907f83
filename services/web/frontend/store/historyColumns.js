import { bucketStart, nextBucketStart } from "./bucketStart.js";
import { bucketGap, readingGap, widenGap } from "./gapThreshold.js";
import { lowerBound, medianInterval } from "./sortedTimes.js";

/**
 * Answer of the history for one series. `bucket` is in seconds, or null for single readings, which
 * have `value` only. A mean is null where the sum exceeds the range of a number.
 *
 * @typedef {{ unit: string | null, tier: string, bucket: number | null, t: number[],
 *             value?: number[], min?: number[], max?: number[], mean?: (number | null)[],
 *             count?: number[], before?: { t: number, value: number } | null }} SeriesHistory
 */

/**
 * History of one series in one range, as columns of single readings or of buckets.
 *
 * `t` is the time of a reading or the start of a bucket. For single readings `bucketSeconds` is 0,
 * `count` is empty, and `min`, `max` and `mean` are the same array.
 */
export class HistoryColumns {
  start = 0;
  /** Number that grows with each change. */
  version = 0;
  /** True if the server may have other data by now. */
  stale = false;

  /**
   * @param {SeriesHistory} history
   * @param {number} from start of the range in seconds
   * @param {number} to end of the range in seconds
   * @param {number} requestedColumnSeconds requested resolution: seconds of a pixel column
   * @param {number} now seconds; a bucket that ends later is still being filled, not cut off
   */
  constructor(history, from, to, requestedColumnSeconds, now = to) {
    const bucketSeconds = history.bucket ?? 0;
    this.bucketSeconds = bucketSeconds;
    // The answer covers only a part of a bucket at an edge of the range.
    this.from = bucketSeconds ? nextBucketStart(from, bucketSeconds) : from;
    const lastStart = bucketSeconds ? bucketStart(to, bucketSeconds) : to;
    this.to = lastStart + bucketSeconds <= now ? lastStart : to;
    this.requestedColumnSeconds = requestedColumnSeconds;
    const { t, value, min, max, mean = [] } = history;
    this.t = Float64Array.from(t);
    this.mean = Float64Array.from(value ?? mean, (one, i) => one ?? midpoint(min?.[i], max?.[i]));
    this.min = min ? Float64Array.from(min) : this.mean;
    this.max = max ? Float64Array.from(max) : this.mean;
    this.count = Float64Array.from(history.count ?? [], Number);
    this.gapSeconds = this.#measureGap();
  }

  get end() {
    return this.t.length;
  }

  /**
   * Return the end of a bucket, or the time of a single reading.
   *
   * @param {number} index
   */
  endOf(index) {
    const { t, bucketSeconds } = this;
    return bucketSeconds ? nextBucketStart(t[index] + bucketSeconds, bucketSeconds) : t[index];
  }

  /**
   * Add a reading that came late.
   *
   * If it replaces a reading that a bucket already contains, the count becomes one too high.
   * The minimum and the maximum still enclose every value.
   *
   * @param {number} time
   * @param {number} value
   */
  addLate(time, value) {
    const { t, bucketSeconds } = this;
    const next = lowerBound(t, time);
    const index = t[next] === time ? next : next - 1;
    if (bucketSeconds && index >= 0 && bucketStart(time, bucketSeconds) === t[index]) {
      addToBucket(this, index, value);
    } else if (!bucketSeconds && t[next] === time) {
      this.mean[next] = value;
    } else {
      const start = bucketSeconds ? bucketStart(time, bucketSeconds) : time;
      this.#insert(next, start, value);
    }
    this.version++;
  }

  /**
   * @param {number} index
   * @param {number} time
   * @param {number} value
   */
  #insert(index, time, value) {
    const isSingle = this.min === this.mean;
    this.t = withInserted(this.t, index, time);
    this.mean = withInserted(this.mean, index, value);
    this.min = isSingle ? this.mean : withInserted(this.min, index, value);
    this.max = isSingle ? this.mean : withInserted(this.max, index, value);
    if (!isSingle) this.count = withInserted(this.count, index, 1);
  }

  #measureGap() {
    const { t, end } = this;
    const distance = medianInterval(t, 0, end);
    if (!this.bucketSeconds) return widenGap(t, 0, end, readingGap(distance), readingGap);
    const counts = this.count.toSorted();
    const interval = this.bucketSeconds / (counts[counts.length >> 1] || 1);
    const usual = Math.max(bucketGap(distance), readingGap(interval));
    return widenGap(t, 0, end, usual, bucketGap);
  }
}

/**
 * Add one reading to a bucket.
 *
 * @param {{ min: Float64Array, max: Float64Array, mean: Float64Array,
 *           count: Float64Array }} columns
 * @param {number} index
 * @param {number} value
 */
export function addToBucket({ min, max, mean, count }, index, value) {
  min[index] = Math.min(min[index], value);
  max[index] = Math.max(max[index], value);
  mean[index] += (value - mean[index]) / ++count[index];
}

const midpoint = (min = NaN, max = NaN) => min / 2 + max / 2;

/**
 * @param {Float64Array<ArrayBuffer>} array
 * @param {number} index
 * @param {number} value
 */
function withInserted(array, index, value) {
  const longer = new Float64Array(array.length + 1);
  longer.set(array.subarray(0, index));
  longer[index] = value;
  longer.set(array.subarray(index), index + 1);
  return longer;
}
