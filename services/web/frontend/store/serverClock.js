const MAX_SAMPLES = 12;

/** The connection is given up before a frame could be later than this. */
const MAX_DELAY_SECONDS = 20;

/**
 * The server's clock in seconds, estimated from the send times that its frames carry.
 *
 * A frame can arrive late, never early. So the best sample is the one that puts the server's clock
 * furthest ahead. A sample that puts it far behind means that the server's clock was set back.
 */
export class ServerClock {
  /**
   * @param {() => number} monotonicNow seconds of a clock that never goes back
   * @param {number} now estimate in seconds until the first frame arrives
   */
  constructor(monotonicNow, now) {
    this.monotonicNow = monotonicNow;
    /** @type {number[]} */
    this.samples = [];
    this.offsetSeconds = now - monotonicNow();
  }

  now() {
    return this.monotonicNow() + this.offsetSeconds;
  }

  /** Discard the samples: the monotonic clock may have stopped while the machine slept. */
  restart() {
    this.samples = [];
  }

  /** @param {number} now server time in seconds, from a frame that has just arrived */
  observe(now) {
    const offset = now - this.monotonicNow();
    if (offset < this.offsetSeconds - MAX_DELAY_SECONDS) this.restart();
    this.samples.push(offset);
    if (this.samples.length > MAX_SAMPLES) this.samples.shift();
    this.offsetSeconds = Math.max(...this.samples);
  }
}
