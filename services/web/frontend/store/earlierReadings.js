import { HistoryColumns } from "./historyColumns.js";

/** Intervals that are remembered; the ones loaded first are dropped. */
const MAX_INTERVALS = 12;

/**
 * The last readings before loaded intervals of one series.
 *
 * Each is an interval from that reading to the start of the loaded one, without another reading
 * between them. A state holds its value there.
 */
export class EarlierReadings {
  /** @type {HistoryColumns[]} */
  intervals = [];

  /**
   * Remember the last reading before a time.
   *
   * @param {number} time seconds
   * @param {{ t: number, value: number } | null} reading null if there is none
   */
  add(time, reading) {
    const from = reading?.t ?? -Infinity;
    const columns = reading ? { t: [reading.t], value: [reading.value] } : { t: [], value: [] };
    const history = { unit: null, tier: "raw", bucket: null, ...columns };
    const interval = new HistoryColumns(history, from, time, 0);
    const others = this.intervals.filter((one) => one.to !== time);
    this.intervals = [interval, ...others].slice(0, MAX_INTERVALS);
  }

  /**
   * Add a reading that came late.
   *
   * @param {number} time
   * @param {number} value
   */
  addLate(time, value) {
    for (const interval of this.intervals) {
      if (time >= interval.from && time < interval.to) interval.addLate(time, value);
    }
  }

  clear() {
    this.intervals = [];
  }
}
