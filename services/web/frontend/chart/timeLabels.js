/** @typedef {import("./ticks.js").TickStep} Step */

/** Labels that are remembered. */
const MOST_KNOWN = 500;

/** The words on a time axis, as the viewer writes times, in their own zone. */
export class TimeLabels {
  /** @type {Map<number, string>} */
  #known = new Map();
  #step = "";

  /**
   * @param {string} [locale] the viewer's own unless given
   * @param {string} [zone] the viewer's own unless given
   */
  constructor(locale, zone) {
    const make = (/** @type {Intl.DateTimeFormatOptions} */ options) =>
      new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
    const clock = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit" });
    this.fractions = make({ minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });
    this.seconds = make({ ...clock, second: "2-digit" });
    this.minutes = make(clock);
    this.days = make({ day: "numeric", month: "short" });
    this.months = make({ month: "short" });
    this.years = make({ year: "numeric" });
    this.parts = make({ ...clock, hourCycle: "h23", month: "numeric" });
  }

  /**
   * The label of a tick: the day in the place of midnight, the year in that of January.
   *
   * @param {number} time seconds
   * @param {Step} step
   * @returns {string}
   */
  label(time, step) {
    const key = `${step.unit} ${step.count}`;
    if (key !== this.#step || this.#known.size > MOST_KNOWN) this.#known.clear();
    this.#step = key;
    let text = this.#known.get(time);
    if (text === undefined) this.#known.set(time, (text = this.#formatOf(time, step).format(time * 1_000)));
    return text;
  }

  /** @param {number} time @param {Step} step */
  #formatOf(time, { unit, count }) {
    if (unit === "year") return this.years;
    if (unit === "month") return this.#is(time, "month", "1") ? this.years : this.months;
    if (unit === "day") return this.days;
    if (count < 1) return this.fractions;
    const midnight = this.#is(time, "hour", "00") && this.#is(time, "minute", "00");
    if (count < 60) return this.seconds;
    return midnight ? this.days : this.minutes;
  }

  /** @param {number} time @param {string} part @param {string} value */
  #is(time, part, value) {
    const parts = this.parts.formatToParts(time * 1_000);
    return parts.some((one) => one.type === part && Number(one.value) === Number(value));
  }
}
