import { lowerBound } from "./sortedTimes.js";

/**
 * @typedef {object} Source columns of readings or buckets, in the order of time
 * @property {Float64Array} t where a bucket begins, or the time of a reading
 * @property {Float64Array} min
 * @property {Float64Array} max
 * @property {Float64Array} mean
 * @property {number} start
 * @property {number} end
 * @property {number} bucketSeconds seconds; 0 for readings
 * @property {number} gapSeconds seconds without a reading that make a gap
 * @property {number} version
 * @property {Float64Array} [count] readings in a bucket
 */
/**
 * @typedef {object} CachedInterval what is held, and for which time it says everything
 * @property {Source} source
 * @property {number} from seconds
 * @property {number} to
 * @property {number} requestedColumnSeconds the column that was asked for: the server has nothing finer for it
 * @property {boolean} stale whether the server may have more by now
 */
/** @typedef {{ source: Source, from: number, to: number, first: number, end: number }} Segment */

/** Buckets so many times as long as a column of pixels still look as they should. */
const FINE = 1.25;

/**
 * Whether a stretch is as fine as columns of `column` seconds need, or as the server has it.
 *
 * @param {CachedInterval} stretch
 * @param {number} column seconds
 */
export function isFine({ source, requestedColumnSeconds: asked, stale }, column) {
  return !stale && Math.min(source.bucketSeconds, asked) <= column * FINE;
}

/**
 * What to draw between two times: of all stretches that are held, at each time the one that fits
 * best. Single readings come first, then what is fine enough, the longest buckets of those, then
 * the finest of the others.
 *
 * @param {CachedInterval[]} stretches
 * @param {number} from seconds
 * @param {number} to seconds
 * @param {number} column seconds of a column of pixels
 * @returns {{ segments: Segment[], missing: [number, number][] }} pieces in the order of time, and
 *   where nothing is held that is fine enough
 */
export function selectSegments(stretches, from, to, column) {
  const ranked = [...stretches].sort((a, b) => rank(a, column) - rank(b, column));
  /** @type {Segment[]} */
  const pieces = [];
  /** @type {[number, number][]} */
  let open = [[from, to]];
  /** @type {[number, number][]} */
  let missing = [[from, to]];
  for (const stretch of ranked) {
    const fine = isFine(stretch, column);
    if (fine) missing = missing.flatMap((range) => without(range, stretch));
    for (const [a, b] of open) {
      const [low, high] = [Math.max(a, stretch.from), Math.min(b, stretch.to)];
      if (low < high) pieces.push(pieceOf(stretch.source, low, high, from, to));
    }
    open = open.flatMap((range) => without(range, stretch));
    if (!open.length && !missing.length) break;
  }
  pieces.sort((a, b) => a.from - b.from);
  return { segments: pieces, missing };
}

/** @param {CachedInterval} stretch @param {number} column */
function rank(stretch, column) {
  const { bucketSeconds: bucket } = stretch.source;
  if (stretch.stale) return Infinity;
  if (!bucket) return -Infinity;
  return isFine(stretch, column) ? -bucket : bucket;
}

/**
 * @param {[number, number]} range
 * @param {CachedInterval} stretch
 * @returns {[number, number][]}
 */
function without([a, b], { from, to }) {
  /** @type {[number, number][]} */
  const rest = [[a, Math.min(b, from)], [Math.max(a, to), b]];
  return rest.filter(([low, high]) => low < high);
}

/**
 * At the edges of the window a piece has one more, from which or to which a line goes on.
 *
 * @param {Source} source
 * @param {number} low
 * @param {number} high
 * @param {number} from
 * @param {number} to
 * @returns {Segment}
 */
function pieceOf(source, low, high, from, to) {
  const { t, start, end } = source;
  let first = lowerBound(t, low, start, end);
  let last = lowerBound(t, high, first, end);
  if (low === from && first > start) first--;
  if (high === to && last < end) last++;
  return { source, from: low, to: high, first, end: last };
}
