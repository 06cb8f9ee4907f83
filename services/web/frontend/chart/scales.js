import { Scale } from "chart.js";

import { zoneOffsetSeconds } from "../format.js";
import { timeTicks, valueTicks } from "./ticks.js";
import { TimeLabels } from "./timeLabels.js";
import { formatLogTick, formatTick } from "./valueLabels.js";

/** @typedef {import("./theme.js").Theme} Theme */
/** @typedef {import("./niceRange.js").ValueRange} ValueRange */
/** @typedef {{ value: number, label: string }} Tick */

const MAX_TIME_LABELS = 10;
/** Pixels of a label with seconds, and of one without. */
const LONG_LABEL_WIDTH = 92;
const SHORT_LABEL_WIDTH = 66;
/** Longest window whose labels show seconds. */
const MAX_WINDOW_WITH_SECONDS = 900;
/** Pixels over which a label fades before the edge would cut it off. */
const FADE_WIDTH = 12;
/** Half of the width of a letter, in pixels; measuring a label takes longer than drawing it. */
const HALF_LETTER_WIDTH = 3.4;
const TIME_AXIS_HEIGHT = 30;
/** Charts that are lower than this, in pixels, have less space around their labels. */
const MIN_ROOMY_HEIGHT = 120;
const LOW_TIME_AXIS_HEIGHT = 20;
/** Pixels between the middles of two labels of the value axis; others are left out. */
const MIN_LABEL_DISTANCE = 12;
/** Pixels around a chart without labels, so that the dot of its newest value is whole. */
const SPARKLINE_PADDING = 8;
/** Pixels at the right of the time axis, for half of a label. */
const OVERHANG = 12;
const PADDING = 8;
const LABEL_SIZE = 12;
const DEFAULT_VALUE_AXIS_WIDTH = 48;
/** The width of the value axis grows in steps of this many pixels. */
const AXIS_WIDTH_STEP = 8;
const AXIS_PADDING = 12;

/** Base of both scales: a fixed size, level labels, and a frame without an update of the chart. */
class StripScale extends Scale {
  static defaults = { ticks: { display: false }, grid: { drawTicks: false } };
  /** Colours; null until the plot has set them. @type {Theme | null} */
  theme = null;
  /** False for an axis without labels and lines, which takes no room. */
  hasRoom = true;

  generateTickLabels() {}
  calculateLabelRotation() {}
  /** Keep the size: measured labels would move the edges of the chart. */
  fit() {}

  _layers() {
    return [
      { z: -1, draw: () => this.drawGrid() },
      { z: 0, draw: () => this.drawLabels() },
    ];
  }

  /** @param {number} value */
  getPixelForValue(value) {
    return this.getPixelForDecimal((value - this.min) / (this.max - this.min));
  }

  /** @param {number} pixel */
  getValueForPixel(pixel) {
    return this.min + this.getDecimalForPixel(pixel) * (this.max - this.min);
  }

  drawGrid() {}
  drawLabels() {}

  /** Set font, colour and baseline of the labels. */
  prepareText() {
    const { ctx } = this;
    ctx.font = `${LABEL_SIZE}px ${this.theme?.font}`;
    ctx.fillStyle = this.theme?.muted ?? "";
    ctx.textBaseline = "middle";
  }
}

/** Time axis in seconds, whose labels slide with the window. */
export class TimeScale extends StripScale {
  static id = "strip-time";
  window = { from: 0, to: 1 };
  labels = new TimeLabels();

  determineDataLimits() {
    this.min = this.window.from;
    this.max = this.window.to;
  }

  /**
   * Move to another window without an update of the chart.
   *
   * @param {number} from seconds
   * @param {number} to seconds
   */
  slide(from, to) {
    this.window.from = this.min = from;
    this.window.to = this.max = to;
    this.ticks = this.buildTicks();
  }

  /** @returns {Tick[]} */
  buildTicks() {
    if (!this.hasRoom) return [];
    const fitting = Math.max(1, Math.floor(this.width / this.#labelWidth));
    const maxCount = Math.min(MAX_TIME_LABELS, fitting);
    const { step, times } = timeTicks(this.min, this.max, maxCount, zoneOffsetSeconds);
    return times.map((value) => ({ value, label: this.labels.label(value, step) }));
  }

  get #isLow() {
    return this.chart.height < MIN_ROOMY_HEIGHT;
  }

  get #labelWidth() {
    const isLong = this.max - this.min > MAX_WINDOW_WITH_SECONDS;
    return isLong ? SHORT_LABEL_WIDTH : LONG_LABEL_WIDTH;
  }

  fit() {
    const { left, right } = /** @type {any} */ (this)._margins;
    this.width = this._length = this.chart.width - left - Math.max(right, OVERHANG);
    const height = this.#isLow ? LOW_TIME_AXIS_HEIGHT : TIME_AXIS_HEIGHT;
    this.height = this.hasRoom ? height : SPARKLINE_PADDING;
    this.paddingRight = OVERHANG;
  }

  drawGrid() {
    const { ctx, chart, theme } = this;
    const { top, bottom } = chart.chartArea;
    ctx.fillStyle = theme?.grid ?? "";
    for (const { value } of this.ticks) {
      ctx.fillRect(Math.round(this.getPixelForValue(value)), top, 1, bottom - top);
    }
  }

  drawLabels() {
    const { ctx, chart } = this;
    const y = this.top + (this.#isLow ? PADDING / 2 : PADDING) + LABEL_SIZE / 2;
    this.prepareText();
    ctx.textAlign = "center";
    for (const { value, label } of this.ticks) {
      const x = this.getPixelForValue(value);
      const text = String(label);
      const rightSpace = chart.width - x - text.length * HALF_LETTER_WIDTH;
      const space = Math.min(x - this.left, rightSpace);
      if (space <= 0) continue;
      ctx.globalAlpha = Math.min(1, space / FADE_WIDTH);
      ctx.fillText(text, x, y);
    }
    ctx.globalAlpha = 1;
  }
}

/** Value axis, whose width the plot sets. */
export class ValueScale extends StripScale {
  static id = "strip-value";
  /** @type {ValueRange | null} */
  range = null;
  /** @type {string | null} */
  unit = null;
  /** False for an axis without labels and lines that takes room, as above the other charts. */
  hasLabels = true;
  /** Width of the axis in pixels. */
  axisWidth = DEFAULT_VALUE_AXIS_WIDTH;
  /** @type {{ range: ValueRange | null, themeRevision: number, width: number }} */
  #measured = { range: null, themeRevision: 0, width: 0 };

  /** True if values are placed by their logarithm. */
  get isLog() {
    return this.range?.isLog ?? false;
  }

  /** @param {number} value */
  getPixelForValue(value) {
    if (!this.isLog) return super.getPixelForValue(value);
    const [low, high, level] = [this.min, this.max, value].map(Math.log10);
    return this.getPixelForDecimal((level - low) / (high - low));
  }

  determineDataLimits() {
    this.min = this.range?.min ?? 0;
    this.max = this.range?.max ?? 1;
  }

  /** @returns {Tick[]} */
  buildTicks() {
    const { range, unit } = this;
    if (!range || !this.hasLabels || !this.hasRoom) return [];
    const magnitude = Math.max(Math.abs(range.min), Math.abs(range.max));
    const label = (/** @type {number} */ value) =>
      range.isLog
        ? formatLogTick(value, unit, magnitude)
        : formatTick(value, range.step, unit, magnitude);
    return valueTicks(range).map((value) => ({ value, label: label(value) }));
  }

  /** Width that the labels need, in pixels. */
  get requiredWidth() {
    const { range } = this;
    const themeRevision = this.theme?.revision ?? 0;
    if (range !== this.#measured.range || themeRevision !== this.#measured.themeRevision) {
      this.prepareText();
      const widths = this.buildTicks().map(({ label }) => this.ctx.measureText(label).width);
      const steps = Math.ceil(Math.max(0, ...widths) / AXIS_WIDTH_STEP);
      this.#measured = { range, themeRevision, width: steps * AXIS_WIDTH_STEP + AXIS_PADDING };
    }
    return this.#measured.width;
  }

  fit() {
    const { top, bottom } = /** @type {any} */ (this)._margins;
    this.width = this.hasRoom ? this.axisWidth : SPARKLINE_PADDING;
    this.height = this._length = this.chart.height - top - bottom;
  }

  drawGrid() {
    const { ctx, chart, theme } = this;
    const { left, right } = chart.chartArea;
    ctx.fillStyle = theme?.grid ?? "";
    for (const { value } of this.ticks) {
      ctx.fillRect(left, Math.round(this.getPixelForValue(value)), right - left, 1);
    }
  }

  drawLabels() {
    const { ctx } = this;
    this.prepareText();
    ctx.textAlign = "right";
    let last = Infinity;
    for (const { value, label } of this.ticks) {
      const y = this.getPixelForValue(value);
      if (last - y < MIN_LABEL_DISTANCE) continue;
      last = y;
      ctx.fillText(String(label), this.right - PADDING, y);
    }
  }
}
