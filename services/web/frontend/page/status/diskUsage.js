import { byId, setText } from "../dom.js";

/**
 * @typedef {object} DiskUsage the disk of the database, as `/api/status` reports it
 * @property {boolean} low true if the disk is almost full
 * @property {number} size bytes of the database
 * @property {number} free bytes
 * @property {number | null} per_day bytes that the database grows in a day; null if not known yet
 * @property {number | null} full_at when the disk will be full, in seconds; null for never
 */

const UNITS = /** @type {const} */ ([
  [1e12, "terabyte"],
  [1e9, "gigabyte"],
  [1e6, "megabyte"],
  [1e3, "kilobyte"],
]);

const DAY_SECONDS = 86_400;
/** Durations from the first number of seconds on are counted in units of the second. */
const DURATIONS = /** @type {const} */ ([
  [2 * 365 * DAY_SECONDS, 365 * DAY_SECONDS, "years"],
  [61 * DAY_SECONDS, 30.4 * DAY_SECONDS, "months"],
  [2 * DAY_SECONDS, DAY_SECONDS, "days"],
  [0, 3_600, "hours"],
]);

/**
 * Show the size of the database in the menu, and a notice if its disk is almost full.
 *
 * @param {DiskUsage | null} usage null if the server does not know it
 * @param {number} now seconds
 */
export function showDiskUsage(usage, now) {
  setText(byId("disk-usage"), usage ? describeUsage(usage, now) : "");
  setText(byId("low-disk-detail"), usage?.low ? describeShortage(usage, now) : "");
  byId("disk-usage").hidden = !usage;
  byId("low-disk").hidden = !usage?.low;
}

/**
 * Describe the size and growth of the database and the space that is left.
 *
 * @param {DiskUsage} usage
 * @param {number} now seconds
 */
export function describeUsage({ size, free, per_day, full_at }, now) {
  const growth = per_day === null ? "" : ` and grows by ${formatBytes(per_day)} a day`;
  const lasts = full_at === null ? "" : `, enough for ${formatRemaining(full_at - now)}`;
  const disk = `Its disk has ${formatBytes(free)} free${lasts}.`;
  return `The database has ${formatBytes(size)}${growth}. ${disk}`;
}

/**
 * Describe how long an almost full disk lasts, and what follows.
 *
 * @param {DiskUsage} usage
 * @param {number} now seconds
 */
export function describeShortage({ free, full_at }, now) {
  const lasts =
    full_at === null ? "" : `, enough for ${formatRemaining(full_at - now)} at this rate`;
  const advice = "Free some space: a full disk stores no new readings.";
  return `It has ${formatBytes(free)} left${lasts}. ${advice}`;
}

/** @param {number} bytes */
function formatBytes(bytes) {
  const [factor, unit] = UNITS.find(([min]) => bytes >= min) ?? UNITS[UNITS.length - 1];
  const options = /** @type {const} */ ({ style: "unit", maximumFractionDigits: 1 });
  return new Intl.NumberFormat(undefined, { ...options, unit }).format(bytes / factor);
}

/** @param {number} seconds */
function formatRemaining(seconds) {
  const remaining = Math.max(0, seconds);
  const [, unitSeconds, name] =
    DURATIONS.find(([min]) => remaining >= min) ?? DURATIONS[DURATIONS.length - 1];
  return `${Math.floor(remaining / unitSeconds)} ${name}`;
}
