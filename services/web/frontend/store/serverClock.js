const SAMPLES = 12;

/** A frame is never so late, in seconds: the link would have been given up before. */
const LATEST = 20;

/**
 * The server's clock, in seconds: its frames say what time it was when they left.
 *
 * A frame is late, never early, so the sample that puts the server furthest ahead is the best; one
 * that puts it far behind means that the server's clock was set back.
 */
export class ServerClock {
  /**
   * @param {() => number} ticks seconds that only ever go forward
   * @param {number} now what to start from, until the server has spoken
   */
  constructor(ticks, now) {
    this.monotonicNow = ticks;
    /** @type {number[]} */
    this.samples = [];
    this.offsetSeconds = now - ticks();
  }

  now() {
    return this.monotonicNow() + this.offsetSeconds;
  }

  /** Start anew: `ticks` may have stood still while the machine slept. */
  restart() {
    this.samples = [];
  }

  /** @param {number} now the server's time in a frame that has just come */
  observe(now) {
    const ahead = now - this.monotonicNow();
    if (ahead < this.offsetSeconds - LATEST) this.restart();
    this.samples.push(ahead);
    if (this.samples.length > SAMPLES) this.samples.shift();
    this.offsetSeconds = Math.max(...this.samples);
  }
}
