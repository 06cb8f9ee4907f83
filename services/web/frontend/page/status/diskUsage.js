import { byId, write } from "../element.js";

/**
 * @typedef {object} Storage what the server says of the disk of its database
 * @property {boolean} low whether the disk gets full
 * @property {number} size bytes that the database takes
 * @property {number} free bytes that are left
 * @property {number | null} per_day bytes that it grows by, null: not known yet
 * @property {number | null} full_at when the disk is full, in seconds, null: never
 */

const UNITS = /** @type {const} */ ([
  [1e12, "terabyte"],
  [1e9, "gigabyte"],
  [1e6, "megabyte"],
  [1e3, "kilobyte"],
]);

const DAY = 86_400;
const SPANS = /** @type {const} */ ([
  [2 * 365 * DAY, 365 * DAY, "years"],
  [61 * DAY, 30.4 * DAY, "months"],
  [2 * DAY, DAY, "days"],
  [0, 3_600, "hours"],
]);

/**
 * Show how large the database is, and a notice when its disk gets full.
 *
 * @param {Storage | null} storage null: the server can't say
 * @param {number} now seconds
 */
export function showStorage(storage, now) {
  write("disk-usage", storage ? sizeOf(storage, now) : "");
  write("low-disk-detail", storage?.low ? shortageOf(storage, now) : "");
  byId("disk-usage").hidden = !storage;
  byId("low-disk").hidden = !storage?.low;
}

/**
 * How large the database is, and will become.
 *
 * @param {Storage} storage
 * @param {number} now seconds
 */
export function sizeOf({ size, free, per_day, full_at }, now) {
  const grows = per_day === null ? "" : `, and grows by ${bytes(per_day)} a day`;
  const lasts = full_at === null ? "" : `, enough for ${span(full_at - now)}`;
  return `The database takes ${bytes(size)}${grows}. Its disk has ${bytes(free)} left${lasts}.`;
}

/**
 * What to know of a disk that gets full.
 *
 * @param {Storage} storage
 * @param {number} now seconds
 */
export function shortageOf({ free, full_at }, now) {
  const lasts = full_at === null ? "" : `, enough for ${span(full_at - now)} at this rate`;
  return `${bytes(free)} are left${lasts}. When nothing is left, new readings can't be stored.`;
}

/** @param {number} size */
function bytes(size) {
  const [factor, unit] = UNITS.find(([least]) => size >= least) ?? UNITS[UNITS.length - 1];
  const options = /** @type {const} */ ({ style: "unit", maximumFractionDigits: 1 });
  return new Intl.NumberFormat(undefined, { ...options, unit }).format(size / factor);
}

/** @param {number} seconds */
function span(seconds) {
  const left = Math.max(0, seconds);
  const [, unit, name] = SPANS.find(([least]) => left >= least) ?? SPANS[SPANS.length - 1];
  return `${Math.floor(left / unit)} ${name}`;
}
