import { LineMarks } from "./lineMarks.js";
import { SeriesPath } from "./seriesPath.js";
import { StepPath } from "./stepPath.js";
import { ValueRangeFitter } from "./valueRangeFitter.js";

/** @typedef {import("../store/series.js").Series} Series */
/** @typedef {import("./lineMarks.js").MarkPath} MarkPath */
/**
 * The ghosts of the series of a chart: their lines at an earlier time.
 *
 * @typedef {object} Ghosts
 * @property {number} version number that grows when ghosts come or go
 * @property {(series: Series) => Series | null} of
 */

const GHOST_OPACITY = 0.55;
const GHOST_WIDTH = 1;

/** Draws lines, and behind each one its ghost if there is one. */
export class ComparedMarks extends LineMarks {
  /**
   * @param {Ghosts} ghosts
   * @param {ConstructorParameters<typeof LineMarks>} options
   */
  constructor(ghosts, ...options) {
    super(...options);
    this.ghosts = ghosts;
  }

  /** @param {import("./scales.js").ValueScale} axis */
  createFitter(axis) {
    super.createFitter(axis);
    return new ComparedFitter(this.ghosts, axis, this.axisOptions);
  }

  /** @param {Series} series @returns {MarkPath} */
  createPath(series) {
    return new ComparedPath(super.createPath(series), this.ghosts);
  }
}

/** The path of a series and that of its ghost. */
class ComparedPath {
  #version = -1;
  /** @type {SeriesPath | StepPath | null} */
  #ghostPath = null;

  /**
   * @param {MarkPath} path
   * @param {Ghosts} ghosts
   */
  constructor(path, ghosts) {
    this.path = path;
    this.series = path.series;
    this.ghosts = ghosts;
  }

  get isOutdated() {
    return this.path.isOutdated || Boolean(this.#ghostPath?.isOutdated);
  }

  /**
   * @param {import("./viewport.js").Viewport} viewport
   * @param {number} now seconds
   */
  update(viewport, now) {
    this.path.update(viewport, now);
    if (this.ghosts.version !== this.#version) this.#findGhost();
    // The compared time of a step reaches into the future.
    this.#ghostPath?.update(viewport, this.#ghostPath instanceof StepPath ? Infinity : now);
  }

  /**
   * @param {CanvasRenderingContext2D} ctx
   * @param {import("./stripController.js").CurrentFrame} frame
   * @param {import("./stripController.js").LineStyle} style
   */
  paint(ctx, frame, style) {
    if (this.#ghostPath) {
      ctx.globalAlpha = GHOST_OPACITY;
      this.#ghostPath.paint(ctx, frame, { ...style, width: GHOST_WIDTH });
      ctx.globalAlpha = 1;
    }
    this.path.paint(ctx, frame, style);
  }

  #findGhost() {
    this.#version = this.ghosts.version;
    const ghost = this.ghosts.of(this.series);
    if (ghost !== (this.#ghostPath?.series ?? null)) {
      const isState = ghost?.kind === "state";
      this.#ghostPath = ghost && (isState ? new StepPath(ghost) : new SeriesPath(ghost, false));
    }
  }
}

/** Fits the value axis to the lines and their ghosts. */
class ComparedFitter extends ValueRangeFitter {
  #version = -1;
  /** @type {Series[]} */
  #series = [];
  /** @type {Series[]} */
  #all = [];

  /**
   * @param {Ghosts} ghosts
   * @param {ConstructorParameters<typeof ValueRangeFitter>} options
   */
  constructor(ghosts, ...options) {
    super(...options);
    this.ghosts = ghosts;
  }

  /** @type {ValueRangeFitter["isDue"]} */
  isDue(window, series, now) {
    return super.isDue(window, this.#withGhosts(series), now);
  }

  /** @type {ValueRangeFitter["refresh"]} */
  refresh(window, series, now, force) {
    return super.refresh(window, this.#withGhosts(series), now, force);
  }

  /** @param {Series[]} series */
  #withGhosts(series) {
    if (series !== this.#series || this.ghosts.version !== this.#version) {
      this.#version = this.ghosts.version;
      this.#series = series;
      this.#all = [...series, ...series.flatMap((one) => this.ghosts.of(one) ?? [])];
    }
    return this.#all;
  }
}
