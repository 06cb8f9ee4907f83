import { heldAt, lastAt } from "./heldValues.js";

/** @typedef {import("./series.js").Series} Series */
/** @typedef {{ from: number, to: number, live: boolean }} ShownWindow seconds */

/**
 * Return the newest reading, or the last one in a paused window. A state is held from before the
 * window, and has the extremes of its bucket.
 *
 * @param {Series} series
 * @param {ShownWindow} window
 * @returns {{ value: number, min?: number, max?: number } | null}
 */
export function shownReading(series, { from, to, live }) {
  if (live) return series.newest;
  if (series.kind === "state") return heldAt(series, to);
  const last = lastAt(series, to);
  return last && last.time >= from ? last : null;
}
