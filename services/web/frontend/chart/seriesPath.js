import { M4Aggregator } from "./m4Aggregator.js";
import { LinePath } from "./linePath.js";
import { BucketPath } from "./bucketPath.js";

/** @typedef {import("../store/series.js").Series} Series */
/**
 * @typedef {object} Viewport a window on the canvas, in seconds, values and pixels
 * @property {number} from seconds
 * @property {number} to
 * @property {number} left pixel of `from`
 * @property {number} pixels of a second
 * @property {number} column seconds of the smallest pixel there is
 * @property {number} bottom pixel of `min`
 * @property {number} min value
 * @property {number} height pixels of 1
 */

/** Readings in a column of pixels, above which only its lowest and highest are drawn. */
const DENSE = 2;
/** Beside the window this share of it is in the path, so that it can slide. */
const MARGIN = 0.125;
/** What is dense is drawn anew within this time, in seconds, also where it hardly shows. */
const MOST_DELAY = 0.5;

/**
 * The path of one series. It is made once and slides with the window: new readings are appended,
 * and it is made anew only when the window leaves it, or what it shows has changed otherwise.
 */
export class SeriesPath {
  /** @type {Path2D | null} */
  band = null;
  /** @type {Path2D} */
  path = new Path2D();
  /** Points that no line shows. @type {import("./linePath.js").PathPoint[]} */
  dots = [];
  /** @type {LinePath} */
  #pen;
  /** @type {M4Aggregator | null} */
  #columnist = null;
  /** @type {Viewport | null} */
  #made = null;
  #madeAt = -Infinity;
  #from = 0;
  #to = 0;
  /** The series as it was drawn. */
  #shape = -1;
  #version = -1;
  #revision = -1;
  #gap = 0;
  /** The lasting index of the next reading to append; -1 when the path is not open at its end. */
  #next = -1;

  /** @param {Series} series */
  constructor(series) {
    this.series = series;
    this.#pen = new LinePath(GRID);
  }

  /**
   * Bring the path up to date with the series and the window.
   *
   * @param {Viewport} frame
   * @param {number} now seconds, to tell how old the path is
   */
  update(frame, now) {
    const { series } = this;
    if (!this.#fits(frame)) this.#make(frame, now);
    else if (series.revision !== this.#revision) {
      const { historyVersion: shape, readings } = series;
      const appended =
        shape === this.#shape && readings.version === this.#version && readings.gapSeconds === this.#gap;
      if (appended && this.#next >= 0) this.#append();
      else if (appended && this.#to !== Infinity) this.#revision = series.revision;
      else if (this.#isDue(frame, now)) this.#make(frame, now);
    }
  }

  /** Whether the series has changed since. */
  get isBehind() {
    return this.series.revision !== this.#revision;
  }

  /** How far the path has moved to the left since it was made, in pixels. @param {Viewport} frame */
  slid(frame) {
    const made = /** @type {Viewport} */ (this.#made);
    return (frame.from - made.from) * frame.pixels;
  }

  /** @param {Viewport} frame */
  #fits(frame) {
    const made = this.#made;
    if (!made || frame.from < this.#from || frame.to > this.#to) return false;
    if (frame.from - made.from > MARGIN * (frame.to - frame.from)) return false;
    return (
      Math.abs(frame.pixels / made.pixels - 1) < 1e-9 &&
      frame.left === made.left &&
      frame.bottom === made.bottom &&
      frame.min === made.min &&
      frame.height === made.height
    );
  }

  /**
   * Whether it is time to draw everything anew for something that has come late. Where there is
   * much to draw, more is waited for.
   *
   * @param {Viewport} frame
   * @param {number} now
   */
  #isDue(frame, now) {
    if (!this.band && !this.#columnist) return true;
    const age = now - this.#madeAt;
    return age < 0 || age >= Math.min(MOST_DELAY, frame.column / 2);
  }

  /** @param {Viewport} frame @param {number} now */
  #make(frame, now) {
    const { series } = this;
    const margin = (frame.to - frame.from) * MARGIN;
    this.#from = frame.from - margin;
    this.#to = frame.to + margin;
    const { segments: pieces } = series.selectSegments(this.#from, this.#to, frame.column);
    this.#made = frame;
    this.#madeAt = now;
    this.#shape = series.historyVersion;
    this.#version = series.readings.version;
    this.#gap = series.readings.gapSeconds;
    const { left, from: origin, pixels, bottom, min, height } = frame;
    const grid = { left, origin, pixels, bottom, min, height };
    const atEnd = pieces.at(-1)?.source === series.readings;
    if (pieces.some(({ source }) => source.bucketSeconds)) this.#drawBuckets(grid, pieces, frame);
    else this.#drawReadings(grid, pieces, frame);
    const { readings } = series;
    const complete = atEnd && pieces.at(-1)?.end === readings.end;
    if (complete) this.#to = Infinity;
    this.#next = complete && !this.band ? readings.dropped + readings.length : -1;
    this.#revision = series.revision;
  }

  /**
   * @param {LinePath["grid"]} grid
   * @param {import("../store/segments.js").Segment[]} pieces
   * @param {Viewport} frame
   */
  #drawBuckets(grid, pieces, frame) {
    const ribbon = new BucketPath(grid, frame.column);
    for (const piece of pieces) ribbon.add(piece);
    ribbon.finish();
    this.#columnist = null;
    this.band = ribbon.band;
    this.#pen = ribbon.pen;
    this.#show(ribbon.pen);
  }

  /**
   * @param {LinePath["grid"]} grid
   * @param {import("../store/segments.js").Segment[]} pieces
   * @param {Viewport} frame
   */
  #drawReadings(grid, pieces, frame) {
    const count = pieces.reduce((sum, { first, end }) => sum + end - first, 0);
    const columns = (this.#to - this.#from) / frame.column;
    this.band = null;
    this.#pen = new LinePath(grid);
    this.#columnist = count > columns * DENSE ? new M4Aggregator(this.#pen, frame.column) : null;
    const target = this.#columnist ?? this.#pen;
    for (const { source, first, end } of pieces) {
      const { t, mean, gapSeconds: gap } = source;
      for (let i = first; i < end; i++) target.add(t[i], mean[i], gap);
    }
    this.#finish();
  }

  #append() {
    const { readings, revision } = this.series;
    const { t, mean, start, end, dropped, gapSeconds: gap } = readings;
    const target = this.#columnist ?? this.#pen;
    const first = Math.max(start, this.#next - dropped + start);
    for (let i = first; i < end; i++) target.add(t[i], mean[i], gap);
    this.#next = dropped + end - start;
    this.#revision = revision;
    this.#finish();
  }

  #finish() {
    if (!this.#columnist) {
      this.#show(this.#pen);
      return;
    }
    const pen = this.#pen.copy();
    this.#columnist.flush(pen);
    this.#show(pen);
  }

  /** @param {LinePath} pen */
  #show(pen) {
    this.path = pen.path;
    this.dots = pen.dots;
  }
}

const GRID = { left: 0, origin: 0, pixels: 1, bottom: 0, min: 0, height: 1 };
