import { textColorOn } from "./contrast.js";
import { placeGapBands } from "./gapBands.js";
import { eventValue, placeLane } from "./laneGeometry.js";
import { PALETTES } from "./palette.js";
import { StateCells } from "./stateCells.js";

/** @typedef {import("../store/heldValues.js").Run} Run */
/** @typedef {import("../store/series.js").Series} Series */
/** @typedef {import("./stripController.js").CurrentFrame} CurrentFrame */
/** @typedef {import("./stripController.js").LineStyle} LineStyle */
/** @typedef {import("./viewport.js").Viewport} Viewport */

const GHOST_OPACITY = 0.6;
const NAME_SIZE = 12;
const WORD_SIZE = 12;
/** Pixels between the edge of a band and its word. */
const WORD_PADDING = 6;
/** Pixels between two bands of one lane, where both are wider than this. */
const SEPARATOR = 1;
const MIN_SEPARATED = 4;
/** Pixels of a short event, such as a door that was open for a moment. */
const MIN_EVENT_WIDTH = 2;
/** Share of the height of each of several values in one cell, at least. */
const MIN_SHARE = 0.2;

/**
 * The bands of one state, which slide with the window. The last one grows with time. A thin lane
 * below has those of the compared time.
 */
export class LanePath {
  #cells;
  /** @type {StateCells | null} */
  #ghostCells = null;
  #ghostVersion = -1;
  /** Widths of words in pixels. @type {Map<string, number>} */
  #widths = new Map();

  /**
   * @param {Series} series
   * @param {import("./laneMarks.js").LaneMarks} marks
   */
  constructor(series, marks) {
    this.series = series;
    this.marks = marks;
    this.#cells = new StateCells(series);
  }

  /** True if the series has changed since the last update. */
  get isOutdated() {
    return this.#cells.isOutdated || Boolean(this.#ghostCells?.isOutdated);
  }

  /**
   * @param {Viewport} viewport
   * @param {number} now seconds
   */
  update(viewport, now) {
    this.#cells.update(viewport, now);
    const { ghosts } = this.marks;
    if (ghosts.version !== this.#ghostVersion) {
      this.#ghostVersion = ghosts.version;
      const ghost = ghosts.of(this.series);
      if (!ghost) this.#ghostCells = null;
      else if (ghost !== this.#ghostCells?.series) this.#ghostCells = new StateCells(ghost);
    }
    this.#ghostCells?.update(viewport, Infinity);
  }

  /**
   * @param {CanvasRenderingContext2D} ctx
   * @param {CurrentFrame} frame
   * @param {LineStyle} style
   */
  paint(ctx, frame, style) {
    const { area, theme, now } = frame;
    const { marks, series } = this;
    const place = placeLane(area, marks.laneOf(series), marks.laneCount, marks.hasGhosts);
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
    this.#paintCells(ctx, frame, this.#cells, now, place, style);
    ctx.restore();
    if (!this.#ghostCells || !place.ghost) return;
    ctx.globalAlpha = GHOST_OPACITY;
    this.#paintCells(ctx, frame, this.#ghostCells, Infinity, place.ghost, style);
    ctx.globalAlpha = 1;
  }

  /**
   * @param {CanvasRenderingContext2D} ctx
   * @param {CurrentFrame} frame
   * @param {StateCells} cells
   * @param {number} now seconds
   * @param {import("./laneGeometry.js").BandPlace} place
   * @param {LineStyle} style
   */
  #paintCells(ctx, { viewport, area, theme }, cells, now, place, style) {
    const { from, left, pixelsPerSecond, columnSeconds } = viewport;
    const { all } = cells;
    for (let i = 0; i < all.length; i++) {
      const start = Math.max(area.left, left + (all[i].from - from) * pixelsPerSecond);
      const end = left + (cells.endOf(i, now) - from) * pixelsPerSecond;
      const right = Math.min(area.right, end);
      if (right <= area.left || start >= area.right) continue;
      const event = eventValue(all, i, columnSeconds);
      if (event === null) this.#paintCell(ctx, all[i], start, right, place, theme, style);
      else {
        const width = Math.max(MIN_EVENT_WIDTH, right - start);
        ctx.fillStyle = this.#colorOf(event, theme, style);
        ctx.fillRect(right - width, place.top, width, place.bottom - place.top);
      }
    }
  }

  /**
   * @param {CanvasRenderingContext2D} ctx
   * @param {Run} cell
   * @param {number} left pixels
   * @param {number} right pixels
   * @param {import("./laneGeometry.js").BandPlace} place
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
      const share = (mean - min) / (max - min);
      const high = height * Math.min(1 - MIN_SHARE, Math.max(MIN_SHARE, share));
      ctx.fillStyle = this.#colorOf(max, theme, style);
      ctx.fillRect(left, bottom - high, width - separator, high);
      return;
    }
    if (height < WORD_SIZE) return;
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
