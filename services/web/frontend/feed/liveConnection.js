import { openWebSocket, openEventStream } from "./transports.js";

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
 *   | { name: "waiting", failed: boolean, waitMilliseconds: number }} ConnectionState
 * `failed`: the last attempt got no answer; `wait`: milliseconds until the next one.
 */
/**
 * @typedef {object} LiveConnectionDependencies
 * @property {() => Promise<{ live: string, stream: string }>} prepareAddresses
 * What comes before an attempt; gives the addresses of a WebSocket and of a stream of events.
 * @property {(frame: any) => void} onFrame takes each frame; throwing ends the connection
 * @property {(state: ConnectionState) => void} onStateChange
 * @property {() => Promise<boolean>} isServerReachable whether the server answers a plain request
 * @property {new (address: string) => WebSocket} WebSocket
 * @property {new (address: string) => EventSource} EventSource
 * @property {Timers} timers
 * @property {() => number} random 0 to 1
 */

/**
 * Keeps one connection to the server: connects, watches it, and comes back when it is lost. It is a
 * WebSocket, or a stream of events where a WebSocket does not get through and the server answers.
 */
export class LiveConnection {
  /** @type {import("./transports.js").Transport | null} */
  #connection = null;
  #streaming = false;
  /** Nothing was heard yet over the connection that was opened last. */
  #mute = false;
  /** Which attempt counts: whatever an older one still reports is not listened to. */
  #attempt = 0;
  #lost = 0;
  #greeted = false;
  #failed = false;
  #waiting = false;
  /** @type {any} */
  #timer = null;

  /** @param {LiveConnectionDependencies} parts */
  constructor(parts) {
    this.dependencies = parts;
  }

  start() {
    this.dependencies.onStateChange({ name: "connecting" });
    this.#connect();
  }

  /** Connect anew at once, without a word: something else is to be asked for. */
  reconnect() {
    this.#hangUp();
    this.#connect();
  }

  /** Connect anew after a while: what came over the link can't be gone on from. */
  reconnectLater() {
    this.#lose(null);
  }

  /** @param {number | null} pause milliseconds, or null where it is for us to say */
  #lose(pause) {
    this.#hangUp();
    this.#wait(pause);
    if (this.#mute) this.#choose();
  }

  /** An attempt brought nothing at all: maybe the next one is to go another way. */
  async #choose() {
    this.#mute = false;
    const attempt = this.#attempt;
    const blocked = !this.#streaming && (await this.dependencies.isServerReachable().catch(() => false));
    if (attempt === this.#attempt) this.#streaming = blocked;
  }

  /** Don't wait any longer for the next attempt. */
  reconnectNow() {
    if (!this.#waiting) return;
    this.dependencies.onStateChange({ name: "waiting", failed: this.#failed, waitMilliseconds: 0 });
    this.#connect();
  }

  async #connect() {
    this.#hangUp();
    const attempt = this.#attempt;
    try {
      const addresses = await this.dependencies.prepareAddresses();
      if (attempt === this.#attempt) this.#open(addresses);
    } catch {
      if (attempt === this.#attempt) this.reconnectLater();
    }
  }

  /** @param {{ live: string, stream: string }} addresses */
  #open({ live, stream }) {
    const { WebSocket, EventSource } = this.dependencies;
    const attempt = this.#attempt;
    const listener = {
      /** @param {string} text */
      onText: (text) => {
        if (attempt === this.#attempt) this.#take(text);
      },
      /** @param {number | null} pause */
      onEnd: (pause) => {
        if (attempt === this.#attempt) this.#lose(pause);
      },
    };
    this.#mute = true;
    this.#connection = this.#streaming
      ? openEventStream(EventSource, stream, listener)
      : openWebSocket(WebSocket, live, listener);
    this.#watch();
  }

  /** @param {string} text */
  #take(text) {
    this.#watch();
    this.#mute = false;
    try {
      const frame = JSON.parse(text);
      this.dependencies.onFrame(frame);
      if (frame.type === "hello" && !this.#greeted) {
        this.#greeted = true;
        this.dependencies.onStateChange({ name: "live" });
      }
      // Only a link that has lasted a while counts as good again.
      if (frame.type === "ping") this.#lost = 0;
    } catch (error) {
      console.warn("The live connection brought what can't be used:", error);
      this.reconnectLater();
    }
  }

  #watch() {
    this.#schedule(() => this.reconnectLater(), SILENCE);
  }

  /** @param {number | null} pause */
  #wait(pause) {
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * GROWTH ** this.#lost);
    const wait = pause ?? longest * (0.5 + 0.5 * this.dependencies.random());
    this.#failed = !this.#greeted;
    this.#lost++;
    this.#greeted = false;
    this.#waiting = true;
    this.dependencies.onStateChange({ name: "waiting", failed: this.#failed, waitMilliseconds: wait });
    this.#schedule(() => this.#connect(), wait);
  }

  #hangUp() {
    this.#attempt++;
    this.#waiting = false;
    this.dependencies.timers.clear(this.#timer);
    this.#connection?.close();
    this.#connection = null;
  }

  /**
   * @param {() => void} run
   * @param {number} milliseconds
   */
  #schedule(run, milliseconds) {
    this.dependencies.timers.clear(this.#timer);
    this.#timer = this.dependencies.timers.set(run, milliseconds);
  }
}
