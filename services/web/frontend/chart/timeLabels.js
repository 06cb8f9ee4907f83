/** @typedef {import("./ticks.js").TickStep} TickStep */

const MAX_CACHED_LABELS = 500;

/** Labels of a time axis, in the language and the time zone of the user. */
export class TimeLabels {
  /** Labels of the current step by their time. @type {Map<number, string>} */
  #cache = new Map();
  #cachedStep = "";

  /**
   * @param {string} [locale] the user's by default
   * @param {string} [zone] the user's by default
   */
  constructor(locale, zone) {
    const formatter = (/** @type {Intl.DateTimeFormatOptions} */ options) =>
      new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
    const clock = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit" });
    const seconds = /** @type {const} */ ({ minute: "2-digit", second: "2-digit" });
    this.fractions = formatter({ ...seconds, fractionalSecondDigits: 3 });
    this.seconds = formatter({ ...clock, second: "2-digit" });
    this.minutes = formatter(clock);
    this.days = formatter({ day: "numeric", month: "short" });
    this.months = formatter({ month: "short" });
    this.years = formatter({ year: "numeric" });
    this.parts = formatter({ ...clock, hourCycle: "h23", month: "numeric" });
  }

  /**
   * Return the label of a tick; midnight shows the day and January shows the year.
   *
   * @param {number} time seconds
   * @param {TickStep} step
   * @returns {string}
   */
  label(time, step) {
    const key = `${step.unit} ${step.count}`;
    if (key !== this.#cachedStep || this.#cache.size > MAX_CACHED_LABELS) this.#cache.clear();
    this.#cachedStep = key;
    let text = this.#cache.get(time);
    if (text === undefined) {
      text = this.#formatterOf(time, step).format(time * 1_000);
      this.#cache.set(time, text);
    }
    return text;
  }

  /**
   * @param {number} time
   * @param {TickStep} step
   */
  #formatterOf(time, { unit, count }) {
    if (unit === "year") return this.years;
    if (unit === "month") return this.#hasPart(time, "month", 1) ? this.years : this.months;
    if (unit === "day") return this.days;
    if (count < 1) return this.fractions;
    if (count < 60) return this.seconds;
    const isMidnight = this.#hasPart(time, "hour", 0) && this.#hasPart(time, "minute", 0);
    return isMidnight ? this.days : this.minutes;
  }

  /**
   * Return true if a part of the local time has this value.
   *
   * @param {number} time
   * @param {string} type
   * @param {number} value
   */
  #hasPart(time, type, value) {
    const parts = this.parts.formatToParts(time * 1_000);
    return parts.some((part) => part.type === type && Number(part.value) === value);
  }
}
