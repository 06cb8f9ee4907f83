import { BucketPath } from "./bucketPath.js";
import { LinePath } from "./linePath.js";
import { M4Aggregator } from "./m4Aggregator.js";
import { INITIAL_VIEWPORT } from "./viewport.js";

/** @typedef {import("../store/series.js").Series} Series */
/** @typedef {import("../store/segments.js").Segment} Segment */
/** @typedef {import("./viewport.js").Viewport} Viewport */

/** With more readings than this in a pixel column, the line is drawn by M4 aggregation. */
const MAX_READINGS_PER_COLUMN = 2;
/** Share of the window that the path extends beyond each side, so that it can slide. */
const MARGIN_SHARE = 0.125;
const BAND_OPACITY = 0.2;
const OUTLINE_OPACITY = 0.5;
/** Radius of the dot of an isolated point, in pixels. */
const DOT_RADIUS = 2;
/** A dense path may lack late readings for this time, in seconds. */
const MAX_DELAY_SECONDS = 0.5;

/**
 * The path of one series, which slides with the window.
 *
 * New readings are appended to it. It is rebuilt only when the window leaves it, or when its data
 * have changed in another way.
 */
export class SeriesPath {
  /** Outline of the band of buckets; null for single readings. @type {Path2D | null} */
  band = null;
  /** @type {Path2D} */
  path = new Path2D();
  /** Points that no line shows. @type {import("./linePath.js").PathPoint[]} */
  dots = [];
  /** @type {LinePath} */
  #line = new LinePath(INITIAL_VIEWPORT);
  /** @type {M4Aggregator | null} */
  #aggregator = null;
  /** The viewport for which the path was built. @type {Viewport | null} */
  #builtFor = null;
  #builtAt = -Infinity;
  /** True if it shows buckets, and pixel columns have many readings. */
  #isDense = false;
  /** Start and end of the path, in seconds. */
  #from = 0;
  #to = 0;
  /** Versions of the series and of its readings that the path shows. */
  #historyVersion = -1;
  #readingsVersion = -1;
  #revision = -1;
  #gapSeconds = 0;
  /** Lasting index of the next reading to append; -1 if no reading can be appended. */
  #nextIndex = -1;

  /**
   * @param {Series} series
   * @param {boolean} [hasBand] false for a line without the band of its buckets
   */
  constructor(series, hasBand = true) {
    this.series = series;
    this.hasBand = hasBand;
  }

  /**
   * Update the path for a viewport and the current readings.
   *
   * @param {Viewport} viewport
   * @param {number} now seconds
   */
  update(viewport, now) {
    const { series } = this;
    if (!this.#covers(viewport)) this.#build(viewport, now);
    else if (series.revision !== this.#revision) {
      const { historyVersion, readings } = series;
      const onlyAppended =
        historyVersion === this.#historyVersion &&
        readings.version === this.#readingsVersion &&
        readings.gapSeconds === this.#gapSeconds;
      if (onlyAppended && this.#nextIndex >= 0) this.#appendReadings();
      else if (onlyAppended && this.#to !== Infinity) this.#revision = series.revision;
      else if (this.#isRebuildDue(viewport, now)) this.#build(viewport, now);
    }
  }

  /** True if the series has changed since the last update. */
  get isOutdated() {
    return this.series.revision !== this.#revision;
  }

  /**
   * Return the pixels by which the path has moved to the left since it was built.
   *
   * @param {Viewport} viewport
   */
  offset(viewport) {
    const builtFor = /** @type {Viewport} */ (this.#builtFor);
    return (viewport.from - builtFor.from) * viewport.pixelsPerSecond;
  }

  /**
   * Paint the line, and the band behind it.
   *
   * @param {CanvasRenderingContext2D} ctx
   * @param {import("./stripController.js").CurrentFrame} frame
   * @param {import("./stripController.js").LineStyle} style
   */
  paint(ctx, { viewport }, style) {
    const offset = this.offset(viewport);
    ctx.translate(-offset, 0);
    ctx.strokeStyle = ctx.fillStyle = style.color;
    if (this.band && this.hasBand) paintBand(ctx, this.band);
    ctx.lineWidth = style.width;
    ctx.setLineDash(style.dash);
    ctx.stroke(this.path);
    if (this.dots.length) paintDots(ctx, this.dots);
    ctx.translate(offset, 0);
  }

  /** @param {Viewport} viewport */
  #covers(viewport) {
    const builtFor = this.#builtFor;
    if (!builtFor || viewport.from < this.#from || viewport.to > this.#to) return false;
    const maxOffset = MARGIN_SHARE * (viewport.to - viewport.from);
    if (viewport.from - builtFor.from > maxOffset) return false;
    return (
      Math.abs(viewport.pixelsPerSecond / builtFor.pixelsPerSecond - 1) < 1e-9 &&
      viewport.left === builtFor.left &&
      viewport.bottom === builtFor.bottom &&
      viewport.min === builtFor.min &&
      viewport.isLog === builtFor.isLog &&
      viewport.pixelsPerUnit === builtFor.pixelsPerUnit
    );
  }

  /**
   * Return true if late readings are reason enough to rebuild now. A dense path takes longer to
   * build, so more late readings are collected first.
   *
   * @param {Viewport} viewport
   * @param {number} now
   */
  #isRebuildDue(viewport, now) {
    if (!this.band && !this.#aggregator) return true;
    const age = now - this.#builtAt;
    return age < 0 || age >= Math.min(MAX_DELAY_SECONDS, viewport.columnSeconds / 2);
  }

  /**
   * @param {Viewport} viewport
   * @param {number} now
   */
  #build(viewport, now) {
    const { series } = this;
    const { readings } = series;
    const margin = (viewport.to - viewport.from) * MARGIN_SHARE;
    this.#from = viewport.from - margin;
    this.#to = viewport.to + margin;
    const { segments } = series.selectSegments(this.#from, this.#to, viewport.columnSeconds);
    this.#builtFor = viewport;
    this.#builtAt = now;
    this.#historyVersion = series.historyVersion;
    this.#readingsVersion = readings.version;
    this.#gapSeconds = readings.gapSeconds;
    if (segments.some(({ source }) => source.bucketSeconds)) this.#drawBuckets(viewport, segments);
    else this.#drawReadings(viewport, segments);
    const last = segments.at(-1);
    const hasNewest = last?.source === readings && last.end === readings.end;
    if (hasNewest) this.#to = Infinity;
    this.#nextIndex = hasNewest && !this.band ? readings.dropped + readings.length : -1;
    this.#revision = series.revision;
  }

  /**
   * @param {Viewport} viewport
   * @param {Segment[]} segments
   */
  #drawBuckets(viewport, segments) {
    const buckets = new BucketPath(viewport, this.#isDense);
    for (const segment of segments) buckets.addSegment(segment);
    buckets.finish();
    this.#isDense = buckets.isDense;
    this.#aggregator = null;
    this.band = buckets.band;
    this.#line = buckets.line;
    this.#usePathOf(buckets.line);
  }

  /**
   * @param {Viewport} viewport
   * @param {Segment[]} segments
   */
  #drawReadings(viewport, segments) {
    const { columnSeconds } = viewport;
    const count = segments.reduce((sum, { start, end }) => sum + end - start, 0);
    const maxCount = ((this.#to - this.#from) / columnSeconds) * MAX_READINGS_PER_COLUMN;
    this.band = null;
    this.#line = new LinePath(viewport);
    this.#aggregator = count > maxCount ? new M4Aggregator(this.#line, columnSeconds) : null;
    const target = this.#aggregator ?? this.#line;
    for (const { source, start, end } of segments) {
      const { t, mean, gapSeconds } = source;
      for (let i = start; i < end; i++) target.addPoint(t[i], mean[i], gapSeconds);
    }
    this.#finish();
  }

  #appendReadings() {
    const { readings, revision } = this.series;
    const { t, mean, start, end, dropped, gapSeconds } = readings;
    const target = this.#aggregator ?? this.#line;
    const first = Math.max(start, this.#nextIndex - dropped + start);
    for (let i = first; i < end; i++) target.addPoint(t[i], mean[i], gapSeconds);
    this.#nextIndex = dropped + end - start;
    this.#revision = revision;
    this.#finish();
  }

  /** Use the path so far; the unfinished column is drawn on a copy, as it may still change. */
  #finish() {
    if (!this.#aggregator) {
      this.#usePathOf(this.#line);
      return;
    }
    const copy = this.#line.clone();
    this.#aggregator.drawColumn(copy);
    this.#usePathOf(copy);
  }

  /** @param {LinePath} line */
  #usePathOf(line) {
    this.path = line.path;
    this.dots = line.dots;
  }
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Path2D} band
 */
function paintBand(ctx, band) {
  ctx.globalAlpha = BAND_OPACITY;
  ctx.fill(band);
  // The outline shows extremes that are narrower than a pixel.
  ctx.globalAlpha = OUTLINE_OPACITY;
  ctx.lineWidth = 1;
  ctx.setLineDash([]);
  ctx.stroke(band);
  ctx.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {import("./linePath.js").PathPoint[]} dots
 */
function paintDots(ctx, dots) {
  ctx.beginPath();
  for (const { x, y } of dots) {
    ctx.moveTo(x + DOT_RADIUS, y);
    ctx.arc(x, y, DOT_RADIUS, 0, 2 * Math.PI);
  }
  ctx.fill();
}
