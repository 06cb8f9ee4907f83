import { formatDuration } from "../../format.js";

/** @typedef {import("../../view/timeView.js").TimeView} TimeView */
/** @typedef {{ window?: string, from?: number, to?: number }} SharedTime as the server reads it */
/** @typedef {{ text: string, time: SharedTime }} TimeChoice */

/**
 * Return the times that can be shared from what the page shows, the likeliest first.
 *
 * @param {Pick<TimeView, "live" | "spanToNow" | "from" | "to" | "range">} view
 * @param {(from: number, to: number) => string} formatRange
 * @returns {TimeChoice[]}
 */
export function timeChoices(view, formatRange) {
  const everything = { text: "All readings", time: {} };
  const { from, to } = view;
  const fixed = { text: `Only ${formatRange(from, to)}`, time: { from, to } };
  if (!view.live) return [fixed, everything];
  const isAll = "span" in view.range && view.range.span === Infinity;
  if (isAll) return [everything, fixed];
  const seconds = Math.max(1, Math.round(view.spanToNow));
  const live = { text: `The last ${formatDuration(seconds)}, live`, time: { window: `${seconds}s` } };
  return [live, fixed, everything];
}

/**
 * Return the names and patterns of a text with one on each line.
 *
 * @param {string} text
 * @returns {string[]}
 */
export function parseSeriesLines(text) {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return [...new Set(lines.filter(Boolean))];
}

/**
 * Return true if a link leads to the computer itself, and so to nowhere on others.
 *
 * @param {string} link
 */
export function isLoopback(link) {
  const { hostname } = new URL(link);
  return hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
}
