/** @typedef {"hour" | "day" | "week" | "month"} Period */

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;
/** Longest window, in seconds, of which hours, days and weeks are shown. */
const MAX_HOURS_WINDOW = 3 * DAY_SECONDS;
const MAX_DAYS_WINDOW = 70 * DAY_SECONDS;
const MAX_WEEKS_WINDOW = 400 * DAY_SECONDS;

/**
 * Return the period that suits a window.
 *
 * @param {number} spanSeconds
 * @returns {Period}
 */
export function choosePeriod(spanSeconds) {
  if (spanSeconds <= MAX_HOURS_WINDOW) return "hour";
  if (spanSeconds <= MAX_DAYS_WINDOW) return "day";
  return spanSeconds <= MAX_WEEKS_WINDOW ? "week" : "month";
}

/**
 * Return the start of the period that contains a time, in the time zone of the user.
 *
 * @param {number} time seconds
 * @param {Period} period
 */
export function periodStart(time, period) {
  const date = new Date(time * 1_000);
  if (period === "hour") {
    const offset = date.getTimezoneOffset() * 60;
    return Math.floor((time - offset) / HOUR_SECONDS) * HOUR_SECONDS + offset;
  }
  date.setHours(0, 0, 0, 0);
  if (period === "week") date.setDate(date.getDate() - ((date.getDay() + 6) % 7));
  if (period === "month") date.setDate(1);
  return date.getTime() / 1_000;
}

/**
 * Return the end of the period that begins at a time.
 *
 * @param {number} start seconds
 * @param {Period} period
 */
export function periodEnd(start, period) {
  if (period === "hour") return start + HOUR_SECONDS;
  const date = new Date(start * 1_000);
  if (period === "month") date.setMonth(date.getMonth() + 1);
  else date.setDate(date.getDate() + (period === "week" ? 7 : 1));
  return date.getTime() / 1_000;
}
