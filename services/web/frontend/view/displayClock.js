import { MIN_AHEAD_SECONDS } from "../format.js";

/** Largest delay in seconds; slower series are not waited for. */
const MAX_DELAY_SECONDS = 0.5;
/** Arrivals of readings that the delay is computed from. */
const MAX_SAMPLES = 64;
/** The server accepts no reading that is further ahead, in seconds. */
const MAX_AHEAD_SECONDS = 600;
/** The window stays as wide for this long after the reading that is furthest ahead, in seconds. */
const HOLD_SECONDS = 10;
/** Seconds by which the window then becomes narrower in a second. */
const NARROWING_RATE = 1.5;
/** Share of the samples that the delay covers. */
const COVERED_SHARE = 0.9;
/** How much faster or slower than real time the displayed time may run, as a share. */
const MAX_DRIFT = 0.05;
/** Larger errors, in seconds, are corrected at once: the machine slept. */
const MAX_ERROR_SECONDS = 1;

/**
 * The time that the page displays as now.
 *
 * It runs behind the server's clock by about the time that the next reading takes to arrive. So
 * the line always continues beyond the edge of the window and moves smoothly. It runs at an even
 * speed even when the clock estimate or the network is uneven.
 */
export class DisplayClock {
  /** Ages of the newest reading just before the next one arrived, in seconds. @type {number[]} */
  #agesBefore = [];
  /** Ages of readings when they arrived, in seconds. @type {number[]} */
  #agesOnArrival = [];
  #delaySeconds = 0;
  #newestTime = -Infinity;
  #lastMonotonic;
  #aheadSeconds = 0;
  /** Monotonic time of the reading that was furthest ahead. */
  #aheadAt = -Infinity;

  /** @param {import("../store/serverClock.js").ServerClock} clock */
  constructor(clock) {
    this.clock = clock;
    this.now = clock.now();
    this.#lastMonotonic = clock.monotonicNow();
  }

  /** Intended delay behind the server's clock. */
  get delaySeconds() {
    return this.#delaySeconds;
  }

  /**
   * Seconds that the newest reading is ahead of the displayed time, because the clock of its sender
   * is; 0 if it is about on time. The value changes rarely, and narrows slowly.
   */
  get aheadSeconds() {
    return this.#aheadSeconds;
  }

  /**
   * Advance the displayed time before a frame is drawn.
   *
   * @param {number | null} newestTime time of the newest reading in seconds
   * @returns {number} time to display as now, in seconds
   */
  advance(newestTime) {
    if (newestTime !== null) this.#observe(newestTime);
    const monotonic = this.clock.monotonicNow();
    const elapsed = monotonic - this.#lastMonotonic;
    this.#lastMonotonic = monotonic;
    this.now += elapsed;
    const error = this.clock.now() - this.#delaySeconds - this.now;
    const maxCorrection = MAX_DRIFT * elapsed;
    if (Math.abs(error) > MAX_ERROR_SECONDS) this.now += error;
    else this.now += Math.min(maxCorrection, Math.max(-maxCorrection, error));
    this.#updateAhead(newestTime, elapsed);
    return this.now;
  }

  /**
   * @param {number | null} newestTime
   * @param {number} elapsed seconds
   */
  #updateAhead(newestTime, elapsed) {
    const ahead = newestTime === null ? 0 : newestTime - this.now;
    const target = ahead > MIN_AHEAD_SECONDS ? Math.min(MAX_AHEAD_SECONDS, ahead) : 0;
    const monotonic = this.#lastMonotonic;
    if (target >= this.#aheadSeconds) {
      this.#aheadSeconds = target;
      this.#aheadAt = monotonic;
    } else if (monotonic - this.#aheadAt > HOLD_SECONDS) {
      this.#aheadSeconds = Math.max(target, this.#aheadSeconds - NARROWING_RATE * elapsed);
    }
  }

  /** @param {number} newestTime */
  #observe(newestTime) {
    if (newestTime <= this.#newestTime) return;
    const now = this.clock.now();
    if (this.#newestTime !== -Infinity) {
      addSample(this.#agesBefore, now - this.#newestTime);
      addSample(this.#agesOnArrival, now - newestTime);
      const wait = quantile(this.#agesBefore);
      const isSlow = wait > MAX_DELAY_SECONDS;
      const delay = isSlow ? Math.min(MAX_DELAY_SECONDS, quantile(this.#agesOnArrival)) : wait;
      this.#delaySeconds = Math.max(0, delay);
    }
    this.#newestTime = newestTime;
  }
}

/**
 * @param {number[]} samples
 * @param {number} sample
 */
function addSample(samples, sample) {
  samples.push(sample);
  if (samples.length > MAX_SAMPLES) samples.shift();
}

/**
 * Return the value that the covered share of the samples does not exceed.
 *
 * @param {number[]} samples
 */
function quantile(samples) {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * COVERED_SHARE)];
}
