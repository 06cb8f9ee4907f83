/** @typedef {import("./timeRange.js").TimeRange} Asked */

/** A window is never shorter or longer than this, in seconds. */
const SHORTEST = 0.05;
const LONGEST = 3_153_600_000;
/** What `all` shows while there are no readings, in seconds. */
const ALL_OF_NOTHING = 3_600;
/** `all` leaves this share of the window free before the first reading. */
const MARGIN = 0.02;

/**
 * The part of time that the page shows: live, ending now and moving with it, or paused, standing
 * where a person has put it. All charts of the page share one. Times are in seconds.
 *
 * Its event `change` comes at once when a person or a program has changed what is shown, not when
 * time goes by; read `live`, `span`, `from` and `to` then. Nothing that arrives ever changes it.
 */
export class TimeView extends EventTarget {
  /** Whether the window ends now and moves. */
  live = true;
  /** The time of now on this page: a little behind the server's clock. */
  now;
  /** The time of the first reading of all, for `all`; Infinity while there are none. */
  firstTime = Infinity;
  /** What was asked for: Infinity is all. */
  #span;
  #end;

  /**
   * @param {number} now
   * @param {Asked} asked
   */
  constructor(now, asked = { span: 60 }) {
    super();
    this.now = this.#end = now;
    this.#span = 60;
    this.show(asked);
  }

  /** Where the window begins. */
  get from() {
    return this.#end - this.span;
  }

  /** Where it ends. */
  get to() {
    return this.#end;
  }

  /** How long it is. */
  get span() {
    if (this.#span !== Infinity) return this.#span;
    const all = (this.now - this.firstTime) * (1 + MARGIN);
    return all > 0 ? clamp(all, 1, LONGEST) : ALL_OF_NOTHING;
  }

  /** What is shown, as `show` takes it: for an address, and to mark the preset. @returns {Asked} */
  get range() {
    return this.live ? { span: this.#span } : { from: this.from, to: this.to };
  }

  /**
   * Time goes by: a live window moves along.
   *
   * @param {number} now
   */
  advance(now) {
    this.now = now;
    if (this.live) this.#end = now;
  }

  /**
   * Show the last `span` seconds and go on live (Infinity is all), or stand at a range.
   *
   * @param {Asked} asked
   */
  show(asked) {
    if ("span" in asked) {
      this.live = true;
      this.#span = asked.span === Infinity ? Infinity : clamp(asked.span, SHORTEST, LONGEST);
      this.#end = this.now;
      this.#changed();
    } else {
      this.#stand(asked.from, asked.to);
    }
  }

  /** Stand where it is now. */
  pause() {
    if (this.live) this.#stand(this.from, this.to);
  }

  /** Go on live, as long as the window is. */
  resume() {
    if (!this.live) this.show({ span: this.span });
  }

  /**
   * Move the window and pause; positive is towards now.
   *
   * @param {number} seconds
   */
  pan(seconds) {
    this.#stand(this.from + seconds, this.to + seconds);
  }

  /**
   * Show more or less around a time, which keeps its place, and pause.
   *
   * @param {number} factor below 1 shows less
   * @param {number} [at] the middle unless given
   */
  zoom(factor, at = (this.from + this.to) / 2) {
    const span = clamp(this.span * factor, SHORTEST, LONGEST);
    const from = at - ((at - this.from) / this.span) * span;
    this.#stand(from, from + span);
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  #stand(from, to) {
    const span = clamp(to - from, SHORTEST, LONGEST);
    this.live = false;
    this.#span = span;
    // Half a window of the future can be seen; what was before 1970 has no readings.
    this.#end = Math.max(span, Math.min(from + span, this.now + span / 2));
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * @param {number} value
 * @param {number} least
 * @param {number} most
 */
const clamp = (value, least, most) => Math.min(most, Math.max(least, value));
