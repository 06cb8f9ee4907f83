import { lowerBound, medianInterval } from "./sortedTimes.js";

const LEAST_GAP = 3;
const GAP_INTERVALS = 5;
/** Buckets this much further apart than usual have an empty one between them. */
const GAP_BUCKETS = 1.5;

/**
 * @typedef {{ unit: string | null, tier: string, bucket: number | null, t: number[],
 *             value?: number[], min?: number[], max?: number[], mean?: (number | null)[],
 *             count?: number[] }} SeriesHistory what history says of one series; a mean is null where
 *   the sum is beyond what a number can hold
 */

/**
 * What history says of a series in one range, as single readings (`bucket` 0) or as buckets. The
 * columns are `t`, where a bucket begins, `min`, `max`, `mean` and `count`.
 */
export class HistoryColumns {
  start = 0;
  /** Grows with every change. */
  version = 0;
  /** Whether the server may have more by now. */
  stale = false;

  /**
   * @param {SeriesHistory} answered
   * @param {number} from seconds: the columns say all there is from here
   * @param {number} to up to here
   * @param {number} asked the seconds of a column of pixels that were asked for
   * @param {number} now a bucket that ends later is not cut, but still to be filled
   */
  constructor(answered, from, to, asked, now = to) {
    const bucket = answered.bucket ?? 0;
    this.bucketSeconds = bucket;
    // Of a bucket at an edge only a part was asked for.
    this.from = bucket ? Math.ceil(from / bucket) * bucket : from;
    const edge = bucket ? Math.floor(to / bucket) * bucket : to;
    this.to = edge + bucket <= now ? edge : to;
    this.requestedColumnSeconds = asked;
    const { t, value, min, max, mean = [] } = answered;
    this.t = Float64Array.from(t);
    // Single readings are their own lowest and highest.
    this.mean = Float64Array.from(value ?? mean, (one, i) => one ?? middle(min?.[i], max?.[i]));
    this.min = min ? Float64Array.from(min) : this.mean;
    this.max = max ? Float64Array.from(max) : this.mean;
    this.count = Float64Array.from(answered.count ?? [], Number);
    this.gapSeconds = this.#gap();
  }

  get end() {
    return this.t.length;
  }

  /**
   * Take a reading that came late. Of a bucket that had the same reading with another value, the
   * count is then one too high; its lowest and highest still hold every value.
   *
   * @param {number} time
   * @param {number} value
   */
  absorb(time, value) {
    const { t, bucketSeconds: bucket } = this;
    const next = lowerBound(t, time);
    const at = t[next] === time ? next : next - 1;
    if (bucket && at >= 0 && time < t[at] + bucket) {
      widen(this, at, value);
    } else if (!bucket && t[next] === time) {
      this.mean[next] = value;
    } else {
      this.#insert(next, bucket ? Math.floor(time / bucket) * bucket : time, value);
    }
    this.version++;
  }

  /** @param {number} at @param {number} time @param {number} value */
  #insert(at, time, value) {
    const raw = this.min === this.mean;
    this.t = inserted(this.t, at, time);
    this.mean = inserted(this.mean, at, value);
    this.min = raw ? this.mean : inserted(this.min, at, value);
    this.max = raw ? this.mean : inserted(this.max, at, value);
    if (!raw) this.count = inserted(this.count, at, 1);
  }

  #gap() {
    const usual = medianInterval(this.t, 0, this.end);
    if (!this.bucketSeconds) return Math.max(LEAST_GAP, GAP_INTERVALS * usual);
    const counts = this.count.toSorted();
    const interval = this.bucketSeconds / (counts[counts.length >> 1] || 1);
    return Math.max(GAP_BUCKETS * usual, GAP_INTERVALS * interval, LEAST_GAP);
  }
}

/**
 * Let a bucket hold one reading more.
 *
 * @param {{ min: Float64Array, max: Float64Array, mean: Float64Array, count: Float64Array }} columns
 * @param {number} at its index
 * @param {number} value
 */
export function widen({ min, max, mean, count }, at, value) {
  min[at] = Math.min(min[at], value);
  max[at] = Math.max(max[at], value);
  mean[at] += (value - mean[at]) / ++count[at];
}

const middle = (low = NaN, high = NaN) => low / 2 + high / 2;

/** @param {Float64Array<ArrayBuffer>} array @param {number} at @param {number} value */
function inserted(array, at, value) {
  const longer = new Float64Array(array.length + 1);
  longer.set(array.subarray(0, at));
  longer[at] = value;
  longer.set(array.subarray(at), at + 1);
  return longer;
}
