import { stateRuns } from "../store/heldValues.js";
import { textColorOn } from "./contrast.js";
import { placeGapBands } from "./gapBands.js";
import { mergeRuns, placeLane } from "./laneGeometry.js";
import { PALETTES } from "./palette.js";

/** @typedef {import("../store/heldValues.js").Run} Run */
/** @typedef {import("../store/series.js").Series} Series */
/** @typedef {import("./stripController.js").CurrentFrame} CurrentFrame */
/** @typedef {import("./stripController.js").LineStyle} LineStyle */
/** @typedef {import("./viewport.js").Viewport} Viewport */

/** Share of the window that the lane extends beyond each side, so that it can slide. */
const MARGIN_SHARE = 0.25;
const NAME_SIZE = 12;
const WORD_SIZE = 12;
/** Pixels between the edge of a band and its word. */
const WORD_PADDING = 6;
/** Pixels between two bands of one lane, where both are wider than this. */
const SEPARATOR = 1;
const MIN_SEPARATED = 4;

/** The bands of one state, which slide with the window. The last one grows with time. */
export class LanePath {
  /** @type {Run[]} */
  #cells = [];
  #from = 0;
  #to = 0;
  #columnSeconds = 0;
  #revision = -1;
  /** True if the last value is still held. */
  #isOpen = false;
  /** Widths of words in pixels. @type {Map<string, number>} */
  #widths = new Map();

  /**
   * @param {Series} series
   * @param {import("./laneMarks.js").LaneMarks} marks
   */
  constructor(series, marks) {
    this.series = series;
    this.marks = marks;
  }

  /** True if the series has changed since the last update. */
  get isOutdated() {
    return this.series.revision !== this.#revision;
  }

  /**
   * @param {Viewport} viewport
   * @param {number} now seconds
   */
  update({ from, to, columnSeconds }, now) {
    const end = this.#isOpen ? Infinity : this.#to;
    const isCovered = from >= this.#from && Math.min(to, now) <= end;
    const isSameZoom = Math.abs(columnSeconds / this.#columnSeconds - 1) < 1e-9;
    if (isCovered && isSameZoom && !this.isOutdated) return;
    const margin = (to - from) * MARGIN_SHARE;
    this.#from = from - margin;
    this.#to = Math.min(to + margin, now);
    this.#columnSeconds = columnSeconds;
    this.#revision = this.series.revision;
    const runs = stateRuns(this.series, this.#from, this.#to, columnSeconds);
    this.#cells = mergeRuns(runs, columnSeconds);
    this.#isOpen = this.#to === now && runs.at(-1)?.to === now;
  }

  /**
   * @param {CanvasRenderingContext2D} ctx
   * @param {CurrentFrame} frame
   * @param {LineStyle} style
   */
  paint(ctx, frame, style) {
    const { viewport, area, theme, now } = frame;
    const { marks, series } = this;
    const place = placeLane(area, marks.laneOf(series), marks.laneCount);
    if (place.nameY !== null) {
      ctx.font = `600 ${NAME_SIZE}px ${theme.font}`;
      ctx.fillStyle = theme.text;
      ctx.textAlign = "left";
      ctx.textBaseline = "middle";
      ctx.fillText(marks.nameOf(series), area.left + 1, place.nameY);
    }
    ctx.save();
    clipGaps(ctx, frame);
    ctx.font = `600 ${WORD_SIZE}px ${theme.font}`;
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    const { from, left, pixelsPerSecond } = viewport;
    const last = this.#cells.length - 1;
    for (let i = 0; i <= last; i++) {
      const cell = this.#cells[i];
      const end = i === last && this.#isOpen ? now : cell.to;
      const start = Math.max(area.left, left + (cell.from - from) * pixelsPerSecond);
      const right = Math.min(area.right, left + (end - from) * pixelsPerSecond);
      if (right > area.left && start < area.right) {
        this.#paintCell(ctx, cell, start, right, place, theme, style);
      }
    }
    ctx.restore();
  }

  /**
   * @param {CanvasRenderingContext2D} ctx
   * @param {Run} cell
   * @param {number} left pixels
   * @param {number} right pixels
   * @param {import("./laneGeometry.js").LanePlace} place
   * @param {import("./theme.js").Theme} theme
   * @param {LineStyle} style
   */
  #paintCell(ctx, { min, max, mean }, left, right, { top, bottom, middle }, theme, style) {
    const width = Math.max(1, right - left);
    const height = bottom - top;
    const color = this.#colorOf(min, theme, style);
    ctx.fillStyle = color;
    const separator = width > MIN_SEPARATED ? SEPARATOR : 0;
    ctx.fillRect(left, top, width - separator, height);
    if (min !== max) {
      // Of several values, the highest fills its share of the time from below.
      const high = (height * (mean - min)) / (max - min);
      ctx.fillStyle = this.#colorOf(max, theme, style);
      ctx.fillRect(left, bottom - high, width - separator, high);
      return;
    }
    const word = this.marks.wordOf(this.series, min);
    if (width < this.#widthOf(ctx, word) + 2 * WORD_PADDING) return;
    ctx.fillStyle = min === 0 ? theme.text : textColorOn(color);
    ctx.fillText(word, left + WORD_PADDING, middle + 0.5);
  }

  /**
   * Return the colour of a value: a quiet one for 0, the colour of the series for 1.
   *
   * @param {number} value
   * @param {import("./theme.js").Theme} theme
   * @param {LineStyle} style
   */
  #colorOf(value, theme, { color }) {
    if (value === 0) return theme.idle;
    const number = Math.abs(Math.round(value));
    if (number <= 1) return color;
    const colors = theme.dark ? PALETTES.dark : PALETTES.light;
    return colors[(colors.indexOf(color) + number - 1) % colors.length];
  }

  /**
   * @param {CanvasRenderingContext2D} ctx
   * @param {string} word
   */
  #widthOf(ctx, word) {
    let width = this.#widths.get(word);
    if (width === undefined) {
      width = ctx.measureText(word).width;
      this.#widths.set(word, width);
    }
    return width;
  }
}

/**
 * Leave out noted gaps: nobody knows the value there.
 *
 * @param {CanvasRenderingContext2D} ctx
 * @param {CurrentFrame} frame
 */
function clipGaps(ctx, { gaps, viewport, area }) {
  if (!gaps.length) return;
  const to = viewport.from + (area.right - area.left) / viewport.pixelsPerSecond;
  const bands = placeGapBands(gaps, { min: viewport.from, max: to }, area);
  if (!bands.length) return;
  const { top, bottom } = area;
  ctx.beginPath();
  ctx.rect(area.left, top, area.right - area.left, bottom - top);
  for (const { left, right } of bands) ctx.rect(left, top, right - left, bottom - top);
  ctx.clip("evenodd");
}
