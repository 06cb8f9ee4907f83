/**
 * Format a time as an input of the type `datetime-local` has it, in the browser's time zone.
 *
 * @param {number} time seconds
 * @returns {string} such as 2026-11-28T02:15:00
 */
export function formatLocalInput(time) {
  const date = new Date(Math.round(time) * 1_000);
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const year = String(date.getFullYear()).padStart(4, "0");
  const day = `${year}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/**
 * Parse the value of an input of the type `datetime-local`.
 *
 * @param {string} text
 * @returns {number | null} seconds; null if the input is empty or incomplete
 */
export function parseLocalInput(text) {
  const milliseconds = text ? new Date(text).getTime() : NaN;
  return Number.isFinite(milliseconds) ? milliseconds / 1_000 : null;
}

/** @typedef {"day" | "week" | "month"} CalendarUnit */

/**
 * Return a range of the calendar: the current day, week or month, or an earlier one. Weeks begin
 * on Monday.
 *
 * @param {CalendarUnit} unit
 * @param {number} count 0 for the current one, 1 for the one before
 * @param {number} now seconds
 * @returns {{ from: number, to: number }} seconds; the current one ends now
 */
export function calendarRange(unit, count, now) {
  const from = startOf(unit, count, now);
  return { from, to: count ? startOf(unit, count - 1, now) : now };
}

/**
 * @param {CalendarUnit} unit
 * @param {number} count
 * @param {number} now
 */
function startOf(unit, count, now) {
  // The constructor of Date counts across months, and across changes of the clock.
  const date = new Date(now * 1_000);
  const [year, month, day] = [date.getFullYear(), date.getMonth(), date.getDate()];
  const weekday = (date.getDay() + 6) % 7;
  const first = {
    day: new Date(year, month, day - count),
    week: new Date(year, month, day - weekday - 7 * count),
    month: new Date(year, month - count, 1),
  }[unit];
  return first.getTime() / 1_000;
}
