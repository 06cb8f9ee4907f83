import { calendarRange } from "./localTime.js";

/** @typedef {import("./localTime.js").CalendarUnit} CalendarUnit */
/** @typedef {import("./timeRange.js").TimeRange} TimeRange */

const MIN_SPAN_SECONDS = 0.05;
/** Length of the window of today just after midnight. */
const MIN_CALENDAR_SPAN_SECONDS = 60;
/** 100 years. */
const MAX_SPAN_SECONDS = 3_153_600_000;
const DEFAULT_SPAN_SECONDS = 60;
/** Length of the window of all readings while there are none. */
const EMPTY_SPAN_SECONDS = 3_600;
/**
 * Time outside of which the view shows nothing: the newest seconds, or a fixed range.
 *
 * @typedef {{ span: number } | { from: number, to: number }} TimeLimit
 */

/** Share of the window that stays free before the first reading when all readings are shown. */
const MARGIN_SHARE = 0.02;

/**
 * The range of time that all charts of the page show, in seconds.
 *
 * A live view ends now and moves with the time; a paused view keeps its range. Arriving readings
 * never change it.
 *
 * The event `change` is sent when a user or a program has changed the range, but not as time
 * passes.
 */
export class TimeView extends EventTarget {
  /** True if the window ends now and moves. */
  live = true;
  /** Time that the page displays as now, a little behind the server's clock. */
  now;
  /** Time of the first reading of all series; Infinity without readings. */
  firstTime = Infinity;
  /** True once a user, a link or a saved preference has chosen the range. */
  chosen = false;
  /** Length of the window; Infinity shows all readings. */
  #span = DEFAULT_SPAN_SECONDS;
  /** Length of the last live window, to which `resume` returns. @type {number | null} */
  #liveSpan = null;
  /** What the live window begins with, if it grows. @type {CalendarUnit | undefined} */
  #since;
  #end;
  #aheadSeconds = 0;

  /**
   * @param {number} now
   * @param {TimeRange} [range] without it, `propose` may set another length
   * @param {TimeLimit | null} [limit] null shows any time
   */
  constructor(now, range, limit = null) {
    super();
    this.limit = limit;
    this.now = this.#end = now;
    this.show(range ?? { span: DEFAULT_SPAN_SECONDS });
    this.chosen = range !== undefined;
  }

  /** Start of the window. */
  get from() {
    return this.#end - this.span;
  }

  /** End of the window. */
  get to() {
    return this.#end;
  }

  /** Length of the window. */
  get span() {
    return this.spanToNow + (this.live ? this.#aheadSeconds : 0);
  }

  /** Length of the window up to now; a live one may continue to readings that are ahead. */
  get spanToNow() {
    if (this.#span !== Infinity) return this.#span;
    const span = (this.now - this.firstTime) * (1 + MARGIN_SHARE);
    return span > 0 ? clamp(span, 1, MAX_SPAN_SECONDS) : EMPTY_SPAN_SECONDS;
  }

  /** Length of the longest window. */
  get maxSpan() {
    if (!this.limit) return Infinity;
    return "span" in this.limit ? this.limit.span : this.limit.to - this.limit.from;
  }

  /** The range as `show` accepts it, to save it or to find its preset. @returns {TimeRange} */
  get range() {
    if (!this.live) return { from: this.from, to: this.to };
    return this.#since ? { span: this.#span, since: this.#since } : { span: this.#span };
  }

  /**
   * Set the current time; a live window moves to it.
   *
   * @param {number} now
   * @param {number} [aheadSeconds] seconds after now that a live window also shows, because the
   *   clock of a sender is ahead
   */
  advance(now, aheadSeconds = 0) {
    this.now = now;
    this.#aheadSeconds = aheadSeconds;
    if (!this.live) return;
    if (this.#since) this.#growSince(this.#since);
    this.#end = now + aheadSeconds;
  }

  /**
   * Show a range: live for a length of time, paused for a fixed range.
   *
   * @param {TimeRange} range
   */
  show(range) {
    if (this.limit && "from" in this.limit && "span" in range) {
      this.#pauseAt(this.limit.from, this.limit.to);
    } else if ("span" in range) {
      this.live = true;
      const { since } = range;
      const span = Math.min(range.span, this.maxSpan);
      this.#span = span === Infinity ? span : clamp(span, MIN_SPAN_SECONDS, MAX_SPAN_SECONDS);
      this.#since = since;
      if (since) this.#growSince(since);
      this.#liveSpan = this.#span;
      this.chosen = true;
      this.#end = this.now + this.#aheadSeconds;
      this.#dispatchChange();
    } else {
      this.#pauseAt(range.from, range.to);
    }
  }

  /**
   * Show a live window of this length if nobody has chosen a range yet.
   *
   * @param {number} span seconds; Infinity shows all readings
   */
  propose(span) {
    const proposed = Math.min(span, this.maxSpan);
    if (this.chosen || proposed === this.#span) return;
    this.#span = this.#liveSpan = proposed;
    this.#dispatchChange();
  }

  /**
   * Show a window of this length: live if the window is, otherwise around the same middle.
   *
   * @param {number} span seconds; Infinity returns to live and shows all readings
   */
  showSpan(span) {
    if (this.live || span === Infinity) {
      this.show({ span });
      return;
    }
    const end = Math.min((this.from + this.to + span) / 2, Math.max(this.now, this.to));
    this.#pauseAt(end - span, end);
  }

  /**
   * Move by a whole window, forward at most to now, and pause.
   *
   * @param {1 | -1} direction
   */
  step(direction) {
    const forward = Math.min(this.span, Math.max(0, this.now - this.to));
    this.pan(direction < 0 ? -this.span : forward);
  }

  /** Pause at the current range. */
  pause() {
    if (this.live) this.#pauseAt(this.from, this.to);
  }

  /** Return to live, with the window from before the pause; without one, the length stays. */
  resume() {
    if (!this.live) this.show({ span: this.#liveSpan ?? this.span, since: this.#since });
  }

  /**
   * Move the window and pause.
   *
   * @param {number} seconds positive towards now
   */
  pan(seconds) {
    this.#pauseAt(this.from + seconds, this.to + seconds);
  }

  /**
   * Zoom around a time, which stays at its position, and pause.
   *
   * @param {number} factor factor of the length; below 1 zooms in
   * @param {number} [center] the middle of the window by default
   */
  zoom(factor, center = (this.from + this.to) / 2) {
    const span = clamp(this.span * factor, MIN_SPAN_SECONDS, MAX_SPAN_SECONDS);
    const from = center - ((center - this.from) / this.span) * span;
    this.#pauseAt(from, from + span);
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  #pauseAt(from, to) {
    const span = clamp(to - from, MIN_SPAN_SECONDS, Math.min(MAX_SPAN_SECONDS, this.maxSpan));
    this.live = false;
    this.chosen = true;
    this.#span = span;
    // At most half of the window shows the future, and none of it a time before 1970.
    let latest = this.now + span / 2;
    let earliest = 0;
    if (this.limit) {
      const { limit } = this;
      earliest = "from" in limit ? limit.from : this.now - limit.span;
      if ("from" in limit) latest = Math.min(latest, limit.to);
    }
    this.#end = Math.max(earliest + span, Math.min(from + span, latest));
    this.#dispatchChange();
  }

  /** @param {CalendarUnit} unit that the window begins with */
  #growSince(unit) {
    const { from } = calendarRange(unit, 0, this.now);
    this.#span = Math.min(this.maxSpan, Math.max(MIN_CALENDAR_SPAN_SECONDS, this.now - from));
  }

  #dispatchChange() {
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * @param {number} value
 * @param {number} min
 * @param {number} max
 */
const clamp = (value, min, max) => Math.min(max, Math.max(min, value));
