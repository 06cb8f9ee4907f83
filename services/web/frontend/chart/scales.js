import { Scale } from "chart.js";

import { formatTick, zoneOffsetSeconds } from "../format.js";
import { TimeLabels } from "./timeLabels.js";
import { timeTicks, valueTicks } from "./ticks.js";

/** @typedef {import("./theme.js").Theme} Theme */
/** @typedef {import("./niceRange.js").ValueRange} Range */
/** @typedef {{ value: number, label: string }} Tick */

const MOST_TIME_LABELS = 10;
/** Pixels for a label with seconds, and for one without. */
const LABEL_WIDTH = 92;
const SHORT_LABEL_WIDTH = 66;
/** Seconds of a window whose labels have no seconds, however few there are. */
const WITHOUT_SECONDS = 900;
/** Labels fade over so many pixels before the edge would cut them. */
const FADE = 12;
/** Half of the width of a letter, in pixels; to measure each label takes longer than to draw it. */
const HALF_LETTER = 3.4;
const TIME_HEIGHT = 30;
/** Pixels at the right of the time axis, for half of a label. */
const OVERHANG = 12;
const PADDING = 8;
const LABEL_SIZE = 12;

/** What both scales share: a fixed size, level labels, a frame path without an update. */
class StripScale extends Scale {
  static defaults = { ticks: { display: false }, grid: { drawTicks: false } };
  /** The colours; null until the plot has set them. @type {Theme | null} */
  theme = null;

  generateTickLabels() {}
  calculateLabelRotation() {}
  /** Nothing of what is drawn is measured, so that nothing moves the edges of the chart. */
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

  /** Begin to write labels. */
  prepareText() {
    const { ctx } = this;
    ctx.font = `${LABEL_SIZE}px ${this.theme?.font}`;
    ctx.fillStyle = this.theme?.muted ?? "";
    ctx.textBaseline = "middle";
  }
}

/** The time axis, in seconds, with labels that slide along. */
export class TimeScale extends StripScale {
  static id = "strip-time";
  window = { from: 0, to: 1 };
  labels = new TimeLabels();

  determineDataLimits() {
    this.min = this.window.from;
    this.max = this.window.to;
  }

  /**
   * Show another window of the same plot, without an update of the chart.
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
    const room = this.width / this.#labelWidth;
    const most = Math.min(MOST_TIME_LABELS, Math.max(1, Math.floor(room)));
    const { step, times } = timeTicks(this.min, this.max, most, zoneOffsetSeconds);
    return times.map((value) => ({ value, label: this.labels.label(value, step) }));
  }

  get #labelWidth() {
    return this.max - this.min > WITHOUT_SECONDS ? SHORT_LABEL_WIDTH : LABEL_WIDTH;
  }

  fit() {
    const { left, right } = /** @type {any} */ (this)._margins;
    this.width = this._length = this.chart.width - left - Math.max(right, OVERHANG);
    this.height = TIME_HEIGHT;
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
    const y = this.top + PADDING + LABEL_SIZE / 2;
    this.prepareText();
    ctx.textAlign = "center";
    for (const { value, label } of this.ticks) {
      const x = this.getPixelForValue(value);
      const text = String(label);
      const room = Math.min(x - this.left, chart.width - x - text.length * HALF_LETTER);
      if (room <= 0) continue;
      ctx.globalAlpha = Math.min(1, room / FADE);
      ctx.fillText(text, x, y);
    }
    ctx.globalAlpha = 1;
  }
}

/** The value axis, as wide as the plot says. */
export class ValueScale extends StripScale {
  static id = "strip-value";
  /** @type {Range | null} */
  range = null;
  /** @type {string | null} */
  unit = null;
  labelWidth = 48;
  /** @type {{ range: Range | null, theme: number, width: number }} */
  #needed = { range: null, theme: 0, width: 0 };

  determineDataLimits() {
    this.min = this.range?.min ?? 0;
    this.max = this.range?.max ?? 1;
  }

  /** @returns {Tick[]} */
  buildTicks() {
    const { range, unit } = this;
    if (!range) return [];
    const size = Math.max(Math.abs(range.min), Math.abs(range.max));
    const label = (/** @type {number} */ value) => formatTick(value, range.step, unit, size);
    return valueTicks(range).map((value) => ({ value, label: label(value) }));
  }

  /** The width that the labels need, in pixels. */
  get needed() {
    const { range } = this;
    const theme = this.theme?.revision ?? 0;
    if (range !== this.#needed.range || theme !== this.#needed.theme) {
      this.prepareText();
      const widths = this.buildTicks().map(({ label }) => this.ctx.measureText(label).width);
      const width = Math.ceil(Math.max(0, ...widths) / 8) * 8 + 12;
      this.#needed = { range, theme, width };
    }
    return this.#needed.width;
  }

  fit() {
    const { top, bottom } = /** @type {any} */ (this)._margins;
    this.width = this.labelWidth;
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
    for (const { value, label } of this.ticks) {
      ctx.fillText(String(label), this.right - PADDING, this.getPixelForValue(value));
    }
  }
}
