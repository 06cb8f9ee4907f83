/** Steps of a time axis below a day, in seconds: each goes evenly into the next greater unit. */
const STEPS = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5,
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200,
];
const DAY = 86_400;
/** Steps of days, of months and of years. */
const DAYS = [1, 2, 7, 14];
const MONTHS = [1, 2, 3, 6];
const YEARS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];
const MONTH = 30.4 * DAY;
const YEAR = 365 * DAY;
/** The first Monday was the fourth day after the epoch. */
const MONDAY = 4;

/** @typedef {{ unit: "second" | "day" | "month" | "year", count: number }} TickStep */

/**
 * Times to label, on steps that are aligned to the epoch and the zone: they move with the window
 * and never jump. A step of days, months or years begins at midnight in the zone, whatever its
 * daylight saving does.
 *
 * @param {number} from seconds
 * @param {number} to seconds
 * @param {number} most how many labels there is room for
 * @param {(time: number) => number} offset seconds that the zone is ahead of UTC at a time
 * @returns {{ step: TickStep, times: number[] }}
 */
export function timeTicks(from, to, most, offset) {
  const step = stepOf((to - from) / Math.max(1, most));
  const local = (/** @type {number} */ i) => localTime(step, i);
  const times = [];
  let last = -Infinity;
  const end = firstIndex(step, to + offset(to)) + 1;
  for (let i = firstIndex(step, from + offset(from)); i <= end; i++) {
    const time = inUtc(local(i), offset);
    // Where clocks go back or forward, two local times can be one, or one be none.
    if (time <= last || time < from || time > to) continue;
    times.push((last = time));
  }
  return { step, times };
}

/** @param {number} least seconds @returns {TickStep} */
function stepOf(least) {
  const seconds = STEPS.find((step) => step >= least);
  if (seconds) return { unit: "second", count: seconds };
  const days = DAYS.find((count) => count * DAY >= least);
  if (days) return { unit: "day", count: days };
  const months = MONTHS.find((count) => count * MONTH >= least);
  if (months) return { unit: "month", count: months };
  const years = YEARS.find((count) => count * YEAR >= least);
  return { unit: "year", count: years ?? 1_000 };
}

/** @param {TickStep} step @param {number} local seconds of the zone's clock */
function firstIndex({ unit, count }, local) {
  if (unit === "second") return Math.floor(local / count);
  if (unit === "day") return Math.floor((local / DAY - shift(count)) / count);
  const date = new Date(local * 1_000);
  const years = date.getUTCFullYear();
  if (unit === "year") return Math.floor(years / count);
  return Math.floor((years * 12 + date.getUTCMonth()) / count);
}

/** @param {TickStep} step @param {number} i */
function localTime({ unit, count }, i) {
  if (unit === "second") return count < 1 ? i / Math.round(1 / count) : i * count;
  if (unit === "day") return (i * count + shift(count)) * DAY;
  const months = unit === "year" ? i * count * 12 : i * count;
  return Date.UTC(Math.floor(months / 12), months % 12) / 1_000;
}

/** Weeks begin on Monday. @param {number} days */
const shift = (days) => (days % 7 === 0 ? MONDAY : 0);

/**
 * @param {number} local
 * @param {(time: number) => number} offset
 */
function inUtc(local, offset) {
  const guess = local - offset(local);
  return local - offset(guess);
}

/** What dividing may add to a whole number. */
const ROUNDING = 1e-6;

/**
 * Values to label: multiples of a step of 1, 2 or 5 times a power of ten.
 *
 * @param {{ min: number, max: number, step: number }} range
 * @returns {number[]}
 */
export function valueTicks({ min, max, step }) {
  const values = [];
  const last = Math.floor(max / step + ROUNDING);
  for (let i = Math.ceil(min / step - ROUNDING); i <= last; i++) values.push(i * step + 0); // never -0
  return values;
}
