import { readingGap } from "../../store/gapThreshold.js";
import { HistoryColumns } from "../../store/historyColumns.js";

/** @typedef {import("../../store/historyColumns.js").SeriesHistory} SeriesHistory */
/** @typedef {{ time: number, value: number }} TimedValue */
/**
 * A series as `/api/series` lists it.
 *
 * @typedef {{ name: string, unit: string | null, first?: number | null, last?: number | null,
 *             value?: number | null, tags?: import("../labels.js").SeriesPoint | null,
 *             label?: string | null, kind?: string | null, guessed_kind?: string,
 *             decimals?: number | null, color?: string | null,
 *             sample?: import("../../store/seriesDescription.js").ValueSample | null,
 *             states?: Record<string, string> | null }} ListedSeries
 */
/** @typedef {"measure" | "state" | "counter"} SeriesKind */

/** Time that a reading may take until it is here. */
const LEEWAY_SECONDS = 5;

const NO_VALUES = new Float64Array();

/** One series of the overview: its settings, its newest reading, and the history of its sparkline. */
export class OverviewSeries {
  /** @type {TimedValue | null} */
  newest = null;
  /** The history, for the digits of the value. @type {HistoryColumns[]} */
  layers = [];
  /** Last reading before the history. @type {TimedValue | null} */
  before = null;
  /** Start of the history; Infinity before it is loaded. */
  loadedFrom = Infinity;
  /** Time from which single readings are complete: there are none. */
  completeFrom = -Infinity;
  /** Time when the history was loaded. */
  loadedAt = -Infinity;
  /** Number that grows with each change. */
  revision = 0;

  /** @param {ListedSeries} listed */
  constructor(listed) {
    this.name = listed.name;
    this.listed = listed;
    this.unit = listed.unit;
    this.kind = kindOf(listed);
    this.decimals = listed.decimals ?? null;
    this.states = listed.states ?? null;
    this.sample = listed.sample ?? null;
    this.update(listed);
  }

  /** @param {ListedSeries} listed newer answer of the list */
  update(listed) {
    this.listed = listed;
    this.unit = listed.unit;
    this.kind = kindOf(listed);
    this.decimals = listed.decimals ?? null;
    this.states = listed.states ?? null;
    this.sample = listed.sample ?? null;
    this.revision++;
    const { last, value } = listed;
    if (typeof last === "number" && typeof value === "number") this.addReading(last, value);
  }

  /**
   * @param {number} time
   * @param {number} value
   */
  addReading(time, value) {
    if (this.newest && time < this.newest.time) return;
    this.newest = { time, value };
    this.revision++;
  }

  /**
   * @param {SeriesHistory & { before?: TimedValue | null } | undefined} history undefined: empty
   * @param {number} from
   * @param {number} to
   */
  setHistory(history, from, to) {
    this.layers = history ? [new HistoryColumns(history, from, to, 0)] : [];
    this.before = history?.before ?? null;
    this.loadedFrom = from;
    this.loadedAt = to;
    this.revision++;
  }

  /** Seconds after which a missing reading is late; null if its interval is not known. */
  get gapSeconds() {
    const [columns] = this.layers;
    if (!columns || columns.end < 2) return null;
    const { bucketSeconds, count, gapSeconds } = columns;
    if (!bucketSeconds) return gapSeconds;
    const counts = count.toSorted();
    return readingGap(bucketSeconds / (counts[counts.length >> 1] || 1));
  }

  /** Single readings, of which it has none, and how long they usually are apart. */
  get readings() {
    const { gapSeconds } = this;
    const length = gapSeconds === null ? 0 : Infinity;
    return { length, newestGapSeconds: gapSeconds ?? 0, mean: NO_VALUES, start: 0, end: 0 };
  }

  /**
   * Return true if readings are missing: longer than usual, or for all of the loaded history.
   *
   * A state is never late, because it is sent only when it changes.
   *
   * @param {number} now seconds
   */
  isLate(now) {
    const { newest, kind, loadedFrom, gapSeconds } = this;
    if (!newest || kind === "state") return false;
    if (gapSeconds !== null) return now - newest.time > gapSeconds + LEEWAY_SECONDS;
    return newest.time < loadedFrom && loadedFrom !== Infinity;
  }
}

/**
 * @param {ListedSeries} listed
 * @returns {SeriesKind}
 */
function kindOf({ kind, guessed_kind: guessed }) {
  return /** @type {SeriesKind} */ (kind ?? guessed ?? "measure");
}
