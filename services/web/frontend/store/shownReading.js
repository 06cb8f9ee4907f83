import { lastAt } from "./heldValues.js";

/** @typedef {import("./series.js").Series} Series */
/** @typedef {{ from: number, to: number, live: boolean }} ShownWindow seconds */

/**
 * Return the newest reading, or the last one in a paused window. A state is held from before the
 * window.
 *
 * @param {Series} series
 * @param {ShownWindow} window
 */
export function shownReading(series, { from, to, live }) {
  if (live) return series.newest;
  const last = lastAt(series, to);
  return last && (last.time >= from || series.kind === "state") ? last : null;
}
