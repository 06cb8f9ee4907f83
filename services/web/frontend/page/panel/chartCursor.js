import { lowerBound } from "../../store/sortedTimes.js";
import { createElement, setText } from "../dom.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {{ from: number, to: number }} TimeWindow seconds */
/**
 * @typedef {object} CursorChart
 * @property {HTMLCanvasElement} canvas
 * @property {() => Series[]} series shown in the chart
 * @property {() => TimeWindow} window in which there can be readings
 * @property {() => number} columnSeconds seconds of one pixel
 * @property {(time: number | null) => void} onMove reports the time of the cursor; null hides it
 */

/** Pixels that an arrow key moves at least, where readings are dense. */
const MIN_STEP_PIXELS = 2;
/** Share of the window that an arrow key moves at most, where there are no readings. */
const MAX_STEP_SHARE = 0.05;
/** Share of the window that Page Up and Page Down move. */
const PAGE_SHARE = 0.1;
const KEYS = "ArrowLeft ArrowRight PageUp PageDown Home End";

/** Moves the crosshair of a focused chart by keys from reading to reading, and reads it out. */
export class ChartCursor {
  /** Time of the cursor in seconds; null while it is hidden. @type {number | null} */
  time = null;
  /** Time that was read out. @type {number | null} */
  #announced = null;

  /**
   * @param {CursorChart} chart
   * @param {AbortSignal} signal ends it
   */
  constructor(chart, signal) {
    this.chart = chart;
    this.announcement = createElement("p", "visually-hidden");
    this.announcement.ariaLive = "polite";
    const { canvas } = chart;
    canvas.tabIndex = 0;
    // Screen readers pass keys on to an application only.
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-roledescription", "chart");
    canvas.setAttribute("aria-keyshortcuts", KEYS);
    canvas.addEventListener("keydown", (event) => this.#onKey(event), { signal });
    canvas.addEventListener("blur", () => this.#moveTo(null), { signal });
    canvas.addEventListener("pointermove", () => this.#forget(), { signal });
  }

  /**
   * Read out the values at the cursor, once for each of its times.
   *
   * @param {() => string} describe
   */
  announce(describe) {
    if (this.time === null || this.time === this.#announced) return;
    this.#announced = this.time;
    setText(this.announcement, describe());
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const { key, shiftKey, ctrlKey, altKey, metaKey } = event;
    if (shiftKey || ctrlKey || altKey || metaKey) return;
    if (key === "Escape" && this.time !== null) {
      // The arrow keys move the window again.
      this.chart.canvas.blur();
      event.preventDefault();
      return;
    }
    const time = this.#timeAfter(key);
    if (time === null) return;
    event.preventDefault();
    this.#moveTo(time);
  }

  /**
   * @param {string} key
   * @returns {number | null} null if the key does not move the cursor
   */
  #timeAfter(key) {
    const { from, to } = this.chart.window();
    const page = (to - from) * PAGE_SHARE;
    const isShown = this.time !== null && this.time >= from && this.time <= to;
    // The first key shows the cursor at the end from which it moves on.
    const time = isShown ? /** @type {number} */ (this.time) : key === "ArrowRight" ? from : to;
    /** @type {Record<string, () => number>} */
    const times = {
      ArrowLeft: () => this.#nextTime(time, -1),
      ArrowRight: () => this.#nextTime(time, 1),
      PageUp: () => time - page,
      PageDown: () => time + page,
      Home: () => from,
      End: () => to,
    };
    if (!Object.hasOwn(times, key)) return null;
    return Math.min(to, Math.max(from, times[key]()));
  }

  /**
   * Return the time of the next reading of any series; in a gap of measures, of a step into it.
   *
   * @param {number} time
   * @param {1 | -1} direction
   */
  #nextTime(time, direction) {
    const { series, window, columnSeconds } = this.chart;
    const { from, to } = window();
    const column = columnSeconds();
    // A state holds its value until the next reading, so there are no gaps to step into.
    const isHeld = series().every(({ kind }) => kind === "state");
    const maxStep = (to - from) * (isHeld ? 1 : MAX_STEP_SHARE);
    const start = time + direction * MIN_STEP_PIXELS * column;
    let step = maxStep;
    for (const one of series()) {
      const next = nextReading(one, start, direction, { from, to }, column);
      if (next !== null) step = Math.min(step, Math.abs(next - time));
    }
    return time + direction * step;
  }

  /** @param {number | null} time */
  #moveTo(time) {
    if (time === this.time) return;
    this.time = time;
    if (time === null) this.#announced = null;
    this.chart.onMove(time);
  }

  /** The pointer has taken over the crosshair. */
  #forget() {
    this.time = this.#announced = null;
  }
}

/**
 * Return the time of the first reading from a time on, or of the middle of the first bucket.
 *
 * @param {Series} series
 * @param {number} time seconds
 * @param {1 | -1} direction
 * @param {TimeWindow} window
 * @param {number} columnSeconds
 * @returns {number | null} null without one in the window
 */
export function nextReading(series, time, direction, { from, to }, columnSeconds) {
  /** @type {number | null} */
  let next = null;
  for (const { source, start, end } of series.selectSegments(from, to, columnSeconds).segments) {
    const { t, bucketSeconds } = source;
    const middle = bucketSeconds / 2;
    let index = lowerBound(t, time - middle, start, end);
    if (direction < 0 && (index === end || t[index] + middle > time)) index--;
    if (index < start || index >= end) continue;
    const found = t[index] + middle;
    if (found < from || found > to) continue;
    if (next === null || direction * (found - next) < 0) next = found;
  }
  return next;
}
