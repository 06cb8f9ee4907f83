import { formatTick, zoneOffset } from "../format.js";
import { timeTicks, valueTicks } from "./ticks.js";

/** @typedef {import("chart.js").Scale} Scale */
/** @typedef {import("./theme.js").Theme} Theme */

const MOST_TIME_LABELS = 10;
const LABEL_WIDTH = 92;
/** Labels fade over so many pixels before the edge would cut them. */
const FADE = 24;

/** Labels are level and all of them are shown: nothing is measured, nothing jumps. */
const STEADY = { autoSkip: false, minRotation: 0, maxRotation: 0, sampleSize: 1, padding: 8 };

/**
 * The time axis, a linear scale in seconds with labels that slide along.
 *
 * @param {Theme} theme
 * @param {import("../format.js").TimeFormat} format
 * @returns {any} options of a scale
 */
export function timeAxis(theme, format) {
  let step = 1;
  return {
    type: "linear",
    border: { display: false },
    grid: { color: () => theme.grid, drawTicks: false },
    afterBuildTicks: (/** @type {Scale} */ scale) => {
      const most = Math.min(MOST_TIME_LABELS, Math.floor(scale.width / LABEL_WIDTH));
      const ticks = timeTicks(scale.min, scale.max, most, zoneOffset(scale.max));
      step = ticks.step;
      scale.ticks = ticks.times.map((value) => ({ value }));
    },
    // The labels' overhang would move the edges of the chart while they slide.
    afterFit: (/** @type {any} */ scale) => {
      scale.paddingLeft = 0;
      scale.paddingRight = 12;
    },
    ticks: {
      ...STEADY,
      callback: (/** @type {number} */ value) => format.tick(value, step),
      color: (/** @type {any} */ context) => fading(context, theme),
    },
  };
}

/**
 * The value axis.
 *
 * @param {Theme} theme
 * @param {{ range: import("./range.js").Range | null, width: number }} axis what it shows, and how
 *   wide it is; the same object is read at each update
 * @returns {any} options of a scale
 */
export function valueAxis(theme, axis) {
  return {
    type: "linear",
    border: { display: false },
    grid: { color: () => theme.grid, drawTicks: false },
    afterBuildTicks: (/** @type {Scale} */ scale) => {
      scale.ticks = axis.range ? valueTicks(axis.range).map((value) => ({ value })) : [];
    },
    afterFit: (/** @type {Scale} */ scale) => {
      scale.width = axis.width;
    },
    ticks: {
      ...STEADY,
      color: () => theme.muted,
      callback: (/** @type {number} */ value) => formatTick(value, axis.range?.step ?? 1),
    },
  };
}

/**
 * The colour of a time label: it fades in and out at the edges.
 *
 * @param {{ chart: import("chart.js").Chart, tick?: { value: number } }} context
 * @param {Theme} theme
 */
function fading({ chart, tick }, theme) {
  if (!tick || !chart.chartArea) return theme.muted;
  const x = chart.scales.x.getPixelForValue(tick.value);
  const room = Math.min(x - chart.chartArea.left, chart.width - x - LABEL_WIDTH / 2);
  const share = Math.round(100 * Math.max(0, Math.min(1, room / FADE)));
  return `color-mix(in srgb, ${theme.muted} ${share}%, transparent)`;
}
