/**
 * Return a function that returns the same numbers between 0 and 1 in each run.
 *
 * @param {number} seed
 */
export function seededRandom(seed) {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
