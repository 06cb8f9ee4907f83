/** @typedef {import("./periods.js").Period} Period */
/**
 * Answer of the server: the increase of each series in each period, and in the whole range.
 *
 * @typedef {object} IncreaseResponse
 * @property {number} from seconds
 * @property {number} to seconds
 * @property {Record<string, { unit: string | null, t: number[], increase: (number | null)[],
 *   total: number | null }>} series
 */
/** @typedef {{ start: number, end: number, increase: number }} Bar times in seconds */
/** @typedef {{ start: number, end: number, isFinished: boolean }} BarPeriod times in seconds */

const NO_BARS = /** @type {Bar[]} */ ([]);

/** The increases of counters in the periods of a range, as far as they are loaded. */
export class Increases {
  /** @type {Period} */
  period = "hour";
  from = Infinity;
  to = -Infinity;
  /** Number that grows with each change. */
  version = 0;
  /** Bars of each series, ascending in time. @type {Map<string, Bar[]>} */
  #bars = new Map();
  /** Increase since midnight by series. @type {Map<string, number>} */
  #today = new Map();

  /**
   * @param {IncreaseResponse} response
   * @param {Period} period
   * @param {(start: number) => number} endOf returns the end of a period in seconds
   */
  replace(response, period, endOf) {
    this.period = period;
    this.from = response.from;
    this.to = response.to;
    this.#bars = new Map(
      Object.entries(response.series).map(([name, { t, increase }]) => [
        name,
        t.flatMap((start, i) => {
          const value = increase[i];
          return value === null ? [] : [{ start, end: endOf(start), increase: value }];
        }),
      ]),
    );
    this.version++;
  }

  /** True if at least one series has a bar. */
  get hasBars() {
    return [...this.#bars.values()].some(({ length }) => length > 0);
  }

  /** True once something was loaded. */
  get isLoaded() {
    return this.to !== -Infinity;
  }

  /** Forget everything. */
  clear() {
    this.from = Infinity;
    this.to = -Infinity;
    this.#bars.clear();
    this.#today.clear();
    this.version++;
  }

  /** @param {IncreaseResponse} response of the day so far */
  replaceToday({ series }) {
    this.#today = new Map(
      Object.entries(series).flatMap(([name, { total }]) => (total === null ? [] : [[name, total]])),
    );
    this.version++;
  }

  /**
   * Return the increase of a series since midnight, or null if it is not known.
   *
   * @param {string} name
   */
  today(name) {
    return this.#today.get(name) ?? null;
  }

  /**
   * Return all bars of a series.
   *
   * @param {string} name
   * @returns {readonly Bar[]}
   */
  allBars(name) {
    return this.#bars.get(name) ?? NO_BARS;
  }

  /**
   * Return the bars of a series that overlap a range.
   *
   * @param {string} name
   * @param {number} from seconds
   * @param {number} to seconds
   */
  bars(name, from, to) {
    return this.allBars(name).filter(({ start, end }) => end > from && start < to);
  }

  /**
   * Return the bar of a series at a time, or null.
   *
   * @param {string} name
   * @param {number} time seconds
   */
  barAt(name, time) {
    const bar = this.allBars(name).findLast(({ start }) => start <= time);
    return bar && time < bar.end ? bar : null;
  }
}
