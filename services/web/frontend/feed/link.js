/** The server sends a frame every 5 s; without one for this long the link is dead. */
const SILENCE = 15_000;
const FIRST_WAIT = 250;
const LONGEST_WAIT = 5_000;
const GROWTH = 1.5;

/**
 * @typedef {object} Timers
 * @property {(run: () => void, milliseconds: number) => any} set
 * @property {(timer: any) => void} clear
 */
/**
 * @typedef {{ name: "connecting" } | { name: "live" }
 *   | { name: "waiting", failed: boolean, wait: number }} LinkState
 * `failed`: the last attempt got no answer; `wait`: milliseconds until the next one.
 */
/**
 * @typedef {object} LinkParts
 * @property {() => Promise<string>} prepare what comes before an attempt; gives its address
 * @property {(frame: any) => void} onFrame takes each frame; throwing ends the connection
 * @property {(state: LinkState) => void} onState
 * @property {new (address: string) => WebSocket} WebSocket
 * @property {Timers} timers
 * @property {() => number} random 0 to 1
 */

/** Keeps one WebSocket to the server: connects, watches it, and comes back when it is lost. */
export class Link {
  /** @type {WebSocket | null} */
  #socket = null;
  /** Which attempt counts: whatever an older one still reports is not listened to. */
  #attempt = 0;
  #lost = 0;
  #greeted = false;
  #failed = false;
  #waiting = false;
  /** @type {any} */
  #timer = null;

  /** @param {LinkParts} parts */
  constructor(parts) {
    this.parts = parts;
  }

  start() {
    this.parts.onState({ name: "connecting" });
    this.#connect();
  }

  /** Connect anew at once, without a word: something else is to be asked for. */
  restart() {
    this.#hangUp();
    this.#connect();
  }

  /** Connect anew after a while: what came over the link can't be gone on from. */
  drop() {
    this.#hangUp();
    this.#wait();
  }

  /** Don't wait any longer for the next attempt. */
  hurry() {
    if (!this.#waiting) return;
    this.parts.onState({ name: "waiting", failed: this.#failed, wait: 0 });
    this.#connect();
  }

  async #connect() {
    this.#hangUp();
    const attempt = this.#attempt;
    try {
      const address = await this.parts.prepare();
      if (attempt === this.#attempt) this.#open(address);
    } catch {
      if (attempt === this.#attempt) this.drop();
    }
  }

  /** @param {string} address */
  #open(address) {
    const attempt = this.#attempt;
    const socket = new this.parts.WebSocket(address);
    this.#socket = socket;
    socket.onmessage = (event) => {
      if (attempt === this.#attempt) this.#take(event.data);
    };
    socket.onclose = () => {
      if (attempt === this.#attempt) this.drop();
    };
    this.#watch();
  }

  /** @param {string} text */
  #take(text) {
    this.#watch();
    try {
      const frame = JSON.parse(text);
      this.parts.onFrame(frame);
      if (frame.type === "hello" && !this.#greeted) {
        this.#greeted = true;
        this.parts.onState({ name: "live" });
      }
      // Only a link that has lasted a while counts as good again.
      if (frame.type === "ping") this.#lost = 0;
    } catch (error) {
      console.warn("The live connection brought what can't be used:", error);
      this.drop();
    }
  }

  #watch() {
    this.#schedule(() => this.drop(), SILENCE);
  }

  #wait() {
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * GROWTH ** this.#lost);
    const wait = longest * (0.5 + 0.5 * this.parts.random());
    this.#failed = !this.#greeted;
    this.#lost++;
    this.#greeted = false;
    this.#waiting = true;
    this.parts.onState({ name: "waiting", failed: this.#failed, wait });
    this.#schedule(() => this.#connect(), wait);
  }

  #hangUp() {
    this.#attempt++;
    this.#waiting = false;
    this.parts.timers.clear(this.#timer);
    this.#socket?.close();
    this.#socket = null;
  }

  /**
   * @param {() => void} run
   * @param {number} milliseconds
   */
  #schedule(run, milliseconds) {
    this.parts.timers.clear(this.#timer);
    this.#timer = this.parts.timers.set(run, milliseconds);
  }
}
