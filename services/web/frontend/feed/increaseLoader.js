import { Increases } from "../store/increases.js";
import { choosePeriod, periodEnd, periodStart } from "../store/periods.js";

/** @typedef {import("../store/series.js").Series} Series */
/** @typedef {import("../store/periods.js").Period} Period */
/**
 * @typedef {object} IncreaseServer
 * @property {import("./addresses.js").Addresses} addresses
 * @property {(address: string) => Promise<any>} fetchJson rejects without a good answer
 */

/** Seconds between two requests while a counter grows. */
const REFRESH_SECONDS = 5;
const RETRY_SECONDS = 10;
/** Seconds between two requests for an earlier time, which seldom changes. */
const SHIFTED_REFRESH_SECONDS = 60;
/** Share of the window that is also loaded on each side. */
const MARGIN_SHARE = 0.5;

/**
 * Loads the increases that one panel shows, again whenever the newest bar may have grown. With a
 * shift they are those of an earlier time, in the periods of the present.
 */
export class IncreaseLoader {
  increases = new Increases();
  /** True while a request is running. */
  busy = false;
  /** True if the last request failed. */
  isAway = false;
  #revision = -1;
  #names = "";
  #requestedAt = -Infinity;
  #shift = /** @type {number | null} */ (0);

  /**
   * @param {IncreaseServer} server
   * @param {Period | null} period null chooses it by the window
   * @param {() => void} onChange called when new increases have arrived
   * @param {() => number | null} [findShift] returns the seconds by which they are earlier; null
   *   for no increases
   */
  constructor(server, period, onChange, findShift = () => 0) {
    this.server = server;
    this.period = period;
    this.onChange = onChange;
    this.findShift = findShift;
  }

  /**
   * Load what is missing for a window.
   *
   * @param {{ from: number, to: number }} window seconds
   * @param {Series[]} series
   * @param {number} now seconds
   */
  update({ from, to }, series, now) {
    const shift = this.findShift();
    if (shift !== this.#shift) this.#restart(shift);
    if (shift === null || this.busy || !series.length) return;
    const period = this.period ?? choosePeriod(to - from);
    const { increases } = this;
    const names = JSON.stringify(series.map(({ name }) => name));
    const revision = series.reduce((sum, one) => sum + one.revision, 0);
    // The earlier time goes on until now, which is later in the periods of the present.
    const lastTime = now + shift;
    const isCovered =
      increases.period === period &&
      names === this.#names &&
      from >= increases.from &&
      Math.min(to, lastTime) <= periodEnd(periodStart(increases.to, period), period);
    const age = Math.abs(now - this.#requestedAt);
    const isFresh = shift
      ? age < SHIFTED_REFRESH_SECONDS
      : revision === this.#revision || age < REFRESH_SECONDS;
    if (isCovered && isFresh) return;
    if (this.isAway && age < RETRY_SECONDS) return;
    this.#requestedAt = now;
    this.#revision = revision;
    this.#names = names;
    const margin = (to - from) * MARGIN_SHARE;
    const end = Math.min(to + margin, lastTime);
    const range = {
      from: Math.max(shift, periodStart(from - margin, period)),
      to: shift ? periodEnd(periodStart(end, period), period) : end,
    };
    if (range.from < range.to) this.#load(range, period, series, now);
  }

  /** @param {number | null} shift */
  #restart(shift) {
    this.#shift = shift;
    this.increases.clear();
    this.isAway = false;
    this.#requestedAt = -Infinity;
  }

  /**
   * @param {{ from: number, to: number }} range seconds
   * @param {Period} period
   * @param {Series[]} series
   * @param {number} now seconds
   */
  async #load(range, period, series, now) {
    const { addresses, fetchJson } = this.server;
    const shift = this.#shift ?? 0;
    this.busy = true;
    const names = addresses.namesThatFit(series.map(({ name }) => name), series.length);
    try {
      const today = { from: periodStart(now, "day"), to: now };
      const [bars, day] = await Promise.all([
        fetchJson(addresses.increase(range, period, names, shift)),
        fetchJson(addresses.increase(today, "day", names, shift)),
      ]);
      if (shift !== this.#shift) return;
      this.increases.replace({ ...bars, ...range }, period, (start) => periodEnd(start, period));
      this.increases.replaceToday(day);
      this.isAway = false;
    } catch {
      this.isAway = shift === this.#shift;
    } finally {
      this.busy = false;
      this.onChange();
    }
  }
}
