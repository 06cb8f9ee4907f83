/** Steps of a time axis, in seconds: each goes evenly into the next greater unit of a clock. */
const TIME_STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400,
];

/**
 * Times to label, on steps that are aligned to the epoch and the zone: they move with the window
 * and never jump.
 *
 * @param {number} from seconds
 * @param {number} to seconds
 * @param {number} most how many labels there is room for
 * @param {number} offset seconds that the zone is ahead of UTC
 * @returns {{ step: number, times: number[] }}
 */
export function timeTicks(from, to, most, offset) {
  const least = (to - from) / Math.max(1, most);
  const step =
    TIME_STEPS.find((candidate) => candidate >= least) ?? Math.ceil(least / 86_400) * 86_400;
  const times = [];
  for (let i = Math.ceil((from + offset) / step); i * step - offset <= to; i++) {
    times.push(i * step - offset);
  }
  return { step, times };
}

/**
 * Values to label: multiples of a step of 1, 2 or 5 times a power of ten.
 *
 * @param {{ min: number, max: number, step: number }} range
 * @returns {number[]}
 */
export function valueTicks({ min, max, step }) {
  const values = [];
  const last = Math.round(max / step);
  for (let i = Math.round(min / step); i <= last; i++) values.push(i * step);
  return values;
}
