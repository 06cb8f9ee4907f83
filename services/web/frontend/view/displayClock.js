/** The delay is never longer than this, in seconds: slower series are not waited for. */
const LONGEST = 0.5;
/** Frames of readings that are looked back at. */
const SAMPLES = 64;
/** Of so many of those nothing is to be missed. */
const SHARE = 0.9;
/** How much faster or slower than the clock the window may move. */
const SLACK = 0.05;
/** A difference above this, in seconds, is not made up for bit by bit: the machine slept. */
const LEAP = 1;

/**
 * The time that the page shows as now: behind the server's clock by as much as readings take to
 * come, so that lines move on smoothly beyond the edge of the window instead of jumping into it.
 * It goes at an even pace whatever the clock and the network do.
 */
export class DisplayClock {
  /** Ages of the newest reading just before the next one came, and just after. @type {number[]} */
  #before = [];
  /** @type {number[]} */
  #after = [];
  #delay = 0;
  #newest = -Infinity;
  #ticks;

  /** @param {import("../store/serverClock.js").ServerClock} clock */
  constructor(clock) {
    this.clock = clock;
    this.now = clock.now();
    this.#ticks = clock.monotonicNow();
  }

  /** Seconds behind the server's clock that are aimed at. */
  get delaySeconds() {
    return this.#delay;
  }

  /**
   * A frame is to be drawn: move on.
   *
   * @param {number | null} newest the time of the newest reading of all, in seconds
   * @returns {number} what to show as now, in seconds
   */
  advance(newest) {
    if (newest !== null) this.#observe(newest);
    const ticks = this.clock.monotonicNow();
    const passed = ticks - this.#ticks;
    this.#ticks = ticks;
    this.now += passed;
    const error = this.clock.now() - this.#delay - this.now;
    const most = SLACK * passed;
    if (Math.abs(error) > LEAP) this.now += error;
    else this.now += Math.min(most, Math.max(-most, error));
    return this.now;
  }

  /** @param {number} newest */
  #observe(newest) {
    if (newest <= this.#newest) return;
    const now = this.clock.now();
    if (this.#newest !== -Infinity) {
      keep(this.#before, now - this.#newest);
      keep(this.#after, now - newest);
      const waited = most(this.#before);
      this.#delay = Math.max(0, waited <= LONGEST ? waited : Math.min(LONGEST, most(this.#after)));
    }
    this.#newest = newest;
  }
}

/** @param {number[]} samples @param {number} sample */
function keep(samples, sample) {
  samples.push(sample);
  if (samples.length > SAMPLES) samples.shift();
}

/** @param {number[]} samples */
function most(samples) {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * SHARE)];
}
