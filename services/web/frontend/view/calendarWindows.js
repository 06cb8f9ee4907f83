import { calendarRange } from "./localTime.js";
import { parseRange } from "./timeRange.js";

/** Fixed windows of the calendar; the name is the one in addresses and views. */
export const CALENDAR_WINDOWS = /** @type {const} */ ([
  { name: "today", text: "Today", unit: "day", count: 0 },
  { name: "yesterday", text: "Yesterday", unit: "day", count: 1 },
  { name: "this-week", text: "This week", unit: "week", count: 0 },
  { name: "last-week", text: "Last week", unit: "week", count: 1 },
  { name: "this-month", text: "This month", unit: "month", count: 0 },
  { name: "last-month", text: "Last month", unit: "month", count: 1 },
]);

/**
 * Parse a window of an address or a view: a range, or the name of a calendar window as it is now.
 *
 * @param {string} text
 * @param {number} now seconds
 * @returns {import("./timeRange.js").TimeRange | null} null if it is neither
 */
export function parseWindow(text, now) {
  const named = CALENDAR_WINDOWS.find(({ name }) => name === text);
  return named ? calendarRange(named.unit, named.count, now) : parseRange(text);
}
