import { calendarRange } from "./localTime.js";
import { parseRange, SINCE_NAMES } from "./timeRange.js";

/** @typedef {import("./timeRange.js").TimeRange} TimeRange */

/** Windows of the calendar; the name is the one in addresses and views. */
export const CALENDAR_WINDOWS = /** @type {const} */ ([
  { name: SINCE_NAMES.day, text: "Today", unit: "day", count: 0 },
  { name: "yesterday", text: "Yesterday", unit: "day", count: 1 },
  { name: SINCE_NAMES.week, text: "This week", unit: "week", count: 0 },
  { name: "last-week", text: "Last week", unit: "week", count: 1 },
  { name: SINCE_NAMES.month, text: "This month", unit: "month", count: 0 },
  { name: "last-month", text: "Last month", unit: "month", count: 1 },
]);

/**
 * Return a window of the calendar: the current day, week or month live, an earlier one fixed.
 *
 * @param {import("./localTime.js").CalendarUnit} unit
 * @param {number} count 0 for the current one, 1 for the one before
 * @param {number} now seconds
 * @returns {TimeRange}
 */
export function calendarWindow(unit, count, now) {
  const range = calendarRange(unit, count, now);
  return count ? range : { span: range.to - range.from, since: unit };
}

/**
 * Parse a window of an address or a view: a range, or the name of a calendar window as it is now.
 *
 * @param {string} text
 * @param {number} now seconds
 * @returns {TimeRange | null} null if it is neither
 */
export function parseWindow(text, now) {
  const named = CALENDAR_WINDOWS.find(({ name }) => name === text);
  return named ? calendarWindow(named.unit, named.count, now) : parseRange(text);
}
