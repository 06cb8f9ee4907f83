/** The line never breaks for less than this, in seconds. */
export const MIN_GAP_SECONDS = 3;
/** The line breaks where this many usual intervals have no reading. */
const GAP_INTERVALS = 5;
/** Two buckets that are this many times further apart than usual have an empty one between them. */
const GAP_BUCKETS = 1.5;

/**
 * Return the seconds without a reading after which a line of readings breaks.
 *
 * @param {number} intervalSeconds usual distance between two readings
 */
export const readingGap = (intervalSeconds) =>
  Math.max(MIN_GAP_SECONDS, GAP_INTERVALS * intervalSeconds);

/**
 * Return the seconds between two bucket starts above which there is an empty bucket between them.
 *
 * @param {number} distanceSeconds usual distance between two bucket starts
 */
export const bucketGap = (distanceSeconds) => GAP_BUCKETS * distanceSeconds;
