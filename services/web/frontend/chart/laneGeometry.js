/** @typedef {import("../store/heldValues.js").Run} Run */
/** @typedef {{ top: number, bottom: number, middle: number }} BandPlace in pixels */
/**
 * Place of a lane. `nameY` is the middle of its name, null without room for it; `ghost` is the place
 * of the compared time.
 *
 * @typedef {BandPlace & { nameY: number | null, ghost: BandPlace | null }} LanePlace
 */

/** Share of a lane that its band fills, and the most pixels that it has. */
const BAND_SHARE = 0.5;
const MAX_BAND_HEIGHT = 26;
/** Pixels of the name above a band, without which a lane has no name. */
const NAME_HEIGHT = 17;
/** Pixels of the band of the compared time, and between it and the band of the present. */
const GHOST_HEIGHT = 6;
const GHOST_DISTANCE = 2;

/**
 * Place the band of a lane; its name is above it, and the compared time below it.
 *
 * @param {{ top: number, bottom: number }} area of all lanes, in pixels
 * @param {number} index of the lane from the top
 * @param {number} count of all lanes
 * @param {boolean} [hasGhosts] true with a compared time
 * @returns {LanePlace}
 */
export function placeLane({ top, bottom }, index, count, hasGhosts = false) {
  const laneHeight = (bottom - top) / Math.max(1, count);
  const start = top + index * laneHeight;
  const height = laneHeight - (hasGhosts ? GHOST_HEIGHT + GHOST_DISTANCE : 0);
  const band = Math.min(MAX_BAND_HEIGHT, Math.max(2, height * BAND_SHARE));
  const hasName = height - band >= NAME_HEIGHT;
  const bandTop = start + (height - band + (hasName ? NAME_HEIGHT : 0)) / 2;
  return {
    top: bandTop,
    bottom: bandTop + band,
    middle: bandTop + band / 2,
    nameY: hasName ? bandTop - NAME_HEIGHT / 2 : null,
    ghost: hasGhosts ? placeGhost(bandTop + band + GHOST_DISTANCE) : null,
  };
}

/** @param {number} top pixels @returns {BandPlace} */
const placeGhost = (top) => ({
  top, bottom: top + GHOST_HEIGHT, middle: top + GHOST_HEIGHT / 2,
});

/**
 * Merge runs that are shorter than a pixel column into cells of about one column, so that no more
 * cells are drawn than there are columns.
 *
 * @param {Run[]} runs ascending in time
 * @param {number} columnSeconds
 * @returns {Run[]} a cell whose `min` and `max` differ has several values
 */
export function mergeRuns(runs, columnSeconds) {
  /** @type {Run[]} */
  const cells = [];
  /** @type {Run | null} */
  let merged = null;
  for (const run of runs) {
    const isShort = run.to - run.from < columnSeconds;
    const isNext = merged && merged.to === run.from && run.to - merged.from <= columnSeconds;
    if (merged && isShort && isNext) addRun(merged, run);
    else {
      merged = isShort ? { ...run } : null;
      cells.push(merged ?? run);
    }
  }
  return cells;
}

/**
 * @param {Run} cell
 * @param {Run} run right after it
 */
function addRun(cell, { to, min, max, mean }) {
  const share = (to - cell.to) / (to - cell.from);
  cell.mean += (mean - cell.mean) * share;
  cell.min = Math.min(cell.min, min);
  cell.max = Math.max(cell.max, max);
  cell.to = to;
}

/** Pixel columns below which a cell is short, so that its colour alone could be overlooked. */
const MAX_EVENT_COLUMNS = 3;

/**
 * Return the value of a short event: a cell between two long ones that both have another value.
 *
 * @param {Run[]} cells
 * @param {number} index of the cell
 * @param {number} columnSeconds
 * @returns {number | null} null if the cell is no such event
 */
export function eventValue(cells, index, columnSeconds) {
  const [before, cell, after] = [cells[index - 1], cells[index], cells[index + 1]];
  if (!before || !after || before.min !== after.max) return null;
  const maxSeconds = MAX_EVENT_COLUMNS * columnSeconds;
  if (isLong(cell, maxSeconds) || !isHeld(before, maxSeconds) || !isHeld(after, maxSeconds)) {
    return null;
  }
  return cell.max === before.min ? cell.min : cell.max;
}

/** @param {Run} cell @param {number} seconds */
const isLong = ({ from, to }, seconds) => to - from >= seconds;

/** @param {Run} cell @param {number} seconds */
const isHeld = (cell, seconds) => cell.min === cell.max && isLong(cell, seconds);
