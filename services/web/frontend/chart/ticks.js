/** Steps below a day, in seconds; each divides the next larger unit evenly. */
const SECOND_STEPS = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5,
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200,
];
const DAY_STEPS = [1, 2, 7, 14];
const MONTH_STEPS = [1, 2, 3, 6];
const YEAR_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];
const DAY_SECONDS = 86_400;
const MONTH_SECONDS = 30.4 * DAY_SECONDS;
const YEAR_SECONDS = 365 * DAY_SECONDS;
/** Days from the epoch, a Thursday, to the first Monday. */
const FIRST_MONDAY = 4;

/** @typedef {{ unit: "second" | "day" | "month" | "year", count: number }} TickStep */

/**
 * Return the times to label in a window.
 *
 * Ticks are aligned to the epoch and the time zone. So they move with the window and never jump.
 * Steps of days, months or years begin at local midnight, also across daylight saving changes.
 *
 * @param {number} from seconds
 * @param {number} to seconds
 * @param {number} maxCount number of labels that fit
 * @param {(time: number) => number} zoneOffsetAt seconds that the zone is ahead of UTC at a time
 * @returns {{ step: TickStep, times: number[] }}
 */
export function timeTicks(from, to, maxCount, zoneOffsetAt) {
  const step = chooseStep((to - from) / Math.max(1, maxCount));
  const times = [];
  let last = -Infinity;
  const end = stepIndex(step, to + zoneOffsetAt(to)) + 1;
  for (let i = stepIndex(step, from + zoneOffsetAt(from)); i <= end; i++) {
    const time = toUtc(localTimeOf(step, i), zoneOffsetAt);
    // At a daylight saving change two local times can be the same time, or one may not exist.
    if (time <= last || time < from || time > to) continue;
    times.push((last = time));
  }
  return { step, times };
}

/**
 * Return the shortest step of at least this length.
 *
 * @param {number} minSeconds
 * @returns {TickStep}
 */
function chooseStep(minSeconds) {
  const seconds = SECOND_STEPS.find((count) => count >= minSeconds);
  if (seconds) return { unit: "second", count: seconds };
  const days = DAY_STEPS.find((count) => count * DAY_SECONDS >= minSeconds);
  if (days) return { unit: "day", count: days };
  const months = MONTH_STEPS.find((count) => count * MONTH_SECONDS >= minSeconds);
  if (months) return { unit: "month", count: months };
  const years = YEAR_STEPS.find((count) => count * YEAR_SECONDS >= minSeconds);
  return { unit: "year", count: years ?? 1_000 };
}

/**
 * Return the number of the step in which a local time lies.
 *
 * @param {TickStep} step
 * @param {number} localTime seconds of the zone's clock
 */
function stepIndex({ unit, count }, localTime) {
  if (unit === "second") return Math.floor(localTime / count);
  if (unit === "day") return Math.floor((localTime / DAY_SECONDS - weekShift(count)) / count);
  const date = new Date(localTime * 1_000);
  const years = date.getUTCFullYear();
  if (unit === "year") return Math.floor(years / count);
  return Math.floor((years * 12 + date.getUTCMonth()) / count);
}

/**
 * Return the local time at which a step begins, in seconds.
 *
 * @param {TickStep} step
 * @param {number} index
 */
function localTimeOf({ unit, count }, index) {
  if (unit === "second") return count < 1 ? index / Math.round(1 / count) : index * count;
  if (unit === "day") return (index * count + weekShift(count)) * DAY_SECONDS;
  const months = unit === "year" ? index * count * 12 : index * count;
  return Date.UTC(Math.floor(months / 12), months % 12) / 1_000;
}

/**
 * Return the days by which a step is shifted: weeks begin on Monday.
 *
 * @param {number} days length of the step
 */
const weekShift = (days) => (days % 7 === 0 ? FIRST_MONDAY : 0);

/**
 * @param {number} localTime
 * @param {(time: number) => number} zoneOffsetAt
 */
function toUtc(localTime, zoneOffsetAt) {
  const guess = localTime - zoneOffsetAt(localTime);
  return localTime - zoneOffsetAt(guess);
}

/** Error that a division may add to a whole number. */
const ROUNDING_ERROR = 1e-6;

/**
 * Return the values to label on an axis: the multiples of its step.
 *
 * @param {import("./niceRange.js").ValueRange} range
 * @returns {number[]}
 */
export function valueTicks({ min, max, step, isLog }) {
  if (isLog) return logTicks(min, max);
  const values = [];
  const first = Math.ceil(min / step - ROUNDING_ERROR);
  const last = Math.floor(max / step + ROUNDING_ERROR);
  for (let i = first; i <= last; i++) values.push(i * step + 0); // never -0
  return values;
}

/** Powers of ten up to which an axis has labels between them. */
const MAX_DIVIDED_POWERS = 2;
const MAX_POWER_LABELS = 8;

/**
 * @param {number} min above zero
 * @param {number} max
 * @returns {number[]} powers of ten; of a few, also twice and five times each
 */
function logTicks(min, max) {
  const [first, last] = [Math.floor(Math.log10(min)), Math.ceil(Math.log10(max))];
  const isDivided = Math.log10(max / min) <= MAX_DIVIDED_POWERS + 1e-9;
  const factors = isDivided ? [1, 2, 5] : [1];
  const every = Math.ceil((last - first) / MAX_POWER_LABELS);
  const values = [];
  for (let power = first; power <= last; power += Math.max(1, every)) {
    for (const factor of factors) values.push(Number(`${factor}e${power}`));
  }
  return values.filter((value) => value >= min * (1 - 1e-9) && value <= max * (1 + 1e-9));
}
