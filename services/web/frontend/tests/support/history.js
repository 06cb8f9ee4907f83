/**
 * Return the history of a series as single readings.
 *
 * @param {number[]} t
 * @param {number[]} value
 * @param {string | null} [unit]
 */
export const rawHistory = (t, value, unit = null) => ({
  unit, tier: "raw", bucket: null, t, value,
});

/**
 * Return the history of a series as buckets of four readings from 1 below to 1 above their mean.
 *
 * @param {number} bucket seconds
 * @param {number[]} t
 * @param {number[]} mean
 */
export const bucketHistory = (bucket, t, mean) => ({
  unit: null,
  tier: "raw",
  bucket,
  t,
  mean,
  min: mean.map((value) => value - 1),
  max: mean.map((value) => value + 1),
  count: t.map(() => 4),
});
