const MICROSECONDS = 1e6;

/**
 * Return the start of the bucket that contains a time.
 *
 * A bucket may be a fraction of a second, which a float rounds. So it counts in microseconds, as
 * the server does.
 *
 * @param {number} time seconds
 * @param {number} bucketSeconds
 */
export function bucketStart(time, bucketSeconds) {
  const width = Math.round(bucketSeconds * MICROSECONDS);
  return (Math.floor(Math.round(time * MICROSECONDS) / width) * width) / MICROSECONDS;
}

/**
 * Return the start of the first bucket that begins at a time or later.
 *
 * @param {number} time seconds
 * @param {number} bucketSeconds
 */
export function nextBucketStart(time, bucketSeconds) {
  const width = Math.round(bucketSeconds * MICROSECONDS);
  return (Math.ceil(Math.round(time * MICROSECONDS) / width) * width) / MICROSECONDS;
}
