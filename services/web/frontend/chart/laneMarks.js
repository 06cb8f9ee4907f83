import { heldAt, stateRuns } from "../store/heldValues.js";
import { LanePath } from "./lanePath.js";

/** @typedef {import("../store/series.js").Series} Series */
/** @typedef {import("./valueRangeFitter.js").TimeWindow} TimeWindow */

/** Seconds between two checks of what is in the window. */
const REFIT_SECONDS = 0.25;

/** Draws states as lanes, one below the other, with a band for each value that is held. */
export class LaneMarks {
  /** Positions of the lanes from the top. @type {Map<Series, number>} */
  #lanes = new Map();
  /** True if some lane has a compared time. */
  hasGhosts = false;

  /**
   * @param {import("./comparedMarks.js").Ghosts} ghosts
   * @param {(series: Series) => string} nameOf returns the name of a lane
   * @param {(series: Series, value: number) => string} wordOf
   */
  constructor(ghosts, nameOf, wordOf) {
    this.ghosts = ghosts;
    this.nameOf = nameOf;
    this.wordOf = wordOf;
  }

  get laneCount() {
    return this.#lanes.size;
  }

  /** @param {Series[]} series */
  setSeries(series) {
    this.#lanes = new Map(series.map((one, lane) => [one, lane]));
    this.hasGhosts = series.some((one) => this.ghosts.of(one) !== null);
  }

  /** @param {Series} series */
  laneOf(series) {
    return this.#lanes.get(series) ?? 0;
  }

  /** @param {import("./scales.js").ValueScale} axis */
  createFitter(axis) {
    axis.hasLabels = false;
    return new LaneFitter(axis, this);
  }

  /** @param {Series} series */
  createPath(series) {
    return new LanePath(series, this);
  }

  /** A band reaches to the end of a live window, which needs no dot. */
  endOf() {
    return null;
  }

  /**
   * @param {Series} series
   * @param {number} time
   */
  pointAt(series, time) {
    const held = heldAt(series, time);
    return held && { time, ...held };
  }

  /** @param {Series} series */
  levelOf(series) {
    return this.laneCount - this.laneOf(series) - 0.5;
  }
}

/** Gives each lane the same height, and counts the bands in the window. */
class LaneFitter {
  readingCount = 0;
  #fittedAt = -Infinity;
  #fittedKey = "";

  /**
   * @param {import("./scales.js").ValueScale} axis
   * @param {LaneMarks} marks
   */
  constructor(axis, marks) {
    this.axis = axis;
    this.marks = marks;
  }

  /**
   * Return true if a band may have changed or grown.
   *
   * @param {TimeWindow} window
   * @param {Series[]} series
   * @param {number} now seconds
   */
  isDue(window, series, now) {
    const age = now - this.#fittedAt;
    return (age < 0 || age >= REFIT_SECONDS) && this.#fittedKey !== this.#keyOf(window, series, now);
  }

  /**
   * @param {TimeWindow} window
   * @param {Series[]} series
   * @param {number} now seconds
   * @param {boolean} force
   * @returns {boolean} true if the number of lanes has changed
   */
  refresh(window, series, now, force) {
    if (!force && !this.isDue(window, series, now)) return false;
    this.#fittedAt = now;
    this.#fittedKey = this.#keyOf(window, series, now);
    this.marks.setSeries(series);
    const { from, to } = window;
    const end = Math.min(to, now);
    this.readingCount = 0;
    for (const one of series) {
      this.readingCount += stateRuns(one, from, end, (to - from) / 1_000).length;
    }
    const max = Math.max(1, series.length);
    if (this.axis.range?.max === max) return false;
    this.axis.range = { min: 0, max, step: 1 };
    return true;
  }

  /** @type {typeof keyOf} */
  #keyOf(window, series, now) {
    return `${this.marks.ghosts.version} ${keyOf(window, series, now)}`;
  }
}

/**
 * Return a key that changes with the window, with each change of a series, and each second in which
 * a band of a paused window still grows.
 *
 * @param {TimeWindow} window
 * @param {Series[]} series
 * @param {number} now
 */
function keyOf({ from, to }, series, now) {
  const revisions = series.reduce((sum, { revision }) => sum + revision, 0);
  return `${from} ${to} ${revisions} ${to > now ? Math.floor(now) : ""}`;
}
