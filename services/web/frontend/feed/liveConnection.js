import { openEventStream, openWebSocket } from "./transports.js";

/** The server sends a frame every 5 s; after this time without one the connection is dead. */
const SILENCE_TIMEOUT_MILLISECONDS = 15_000;
const MIN_BACKOFF_MILLISECONDS = 250;
const MAX_BACKOFF_MILLISECONDS = 5_000;
const BACKOFF_FACTOR = 1.5;

/**
 * @typedef {object} Timers
 * @property {(run: () => void, milliseconds: number) => any} set
 * @property {(timer: any) => void} clear
 */
/**
 * State of the connection. `failed` is true if the last attempt brought no greeting, and
 * `waitMilliseconds` is the time until the next attempt.
 *
 * @typedef {{ name: "connecting" } | { name: "live" }
 *   | { name: "waiting", failed: boolean, waitMilliseconds: number }
 *   | { name: "ended" }} ConnectionState
 */
/**
 * Answer to a request that was refused because of where the page is.
 *
 * @typedef {{ reason: string, error: string, host?: string, origin?: string }} Refusal
 */
/**
 * @typedef {object} LiveConnectionDependencies
 * @property {() => Promise<{ live: string, stream: string }>} prepareAddresses called before each
 *   attempt; returns the addresses of the WebSocket and of the event stream
 * @property {(frame: any) => void} onFrame called with each frame; an error ends the connection
 * @property {(state: ConnectionState) => void} onStateChange
 * @property {() => Promise<Refusal | null>} checkAccess sends a plain request, and returns why the
 *   server refuses this page; rejects if the server does not answer
 * @property {(refusal: Refusal | null) => void} onAccessChecked called after a failed attempt; null
 *   if the server does not answer either
 * @property {() => boolean} [isSignedOut] true if the server asks for a login: no attempt can
 *   succeed on this page any more
 * @property {() => void} [onAccessEnded] called when the server says so
 * @property {new (address: string) => WebSocket} WebSocket
 * @property {new (address: string) => EventSource} EventSource
 * @property {Timers} timers
 * @property {() => number} random from 0 to 1
 */

/**
 * Keeps one connection to the server: connects, detects silence, and reconnects with back-off.
 *
 * The transport is a WebSocket. If no WebSocket gets through although the server is reachable, it
 * is a stream of Server-Sent Events.
 */
export class LiveConnection {
  /** @type {import("./transports.js").Transport | null} */
  #transport = null;
  #usesEventStream = false;
  /** True while the current transport has not received anything. */
  #isSilent = false;
  /** Number of the current attempt; callbacks of older ones are ignored. */
  #attempt = 0;
  /** Connections lost since the last stable one. */
  #lossCount = 0;
  #greeted = false;
  #failed = false;
  #waiting = false;
  /** @type {any} */
  #timer = null;

  /** @param {LiveConnectionDependencies} dependencies */
  constructor(dependencies) {
    this.dependencies = dependencies;
  }

  start() {
    this.dependencies.onStateChange({ name: "connecting" });
    this.#connect();
  }

  /** Reconnect at once without a change of state, to request something different. */
  reconnect() {
    this.#close();
    this.#connect();
  }

  /** Reconnect after the back-off. */
  reconnectLater() {
    this.#endAttempt(null);
  }

  /** Connect now if it waits for the next attempt. */
  reconnectNow() {
    if (!this.#waiting) return;
    this.dependencies.onStateChange({
      name: "waiting", failed: this.#failed, waitMilliseconds: 0,
    });
    this.#connect();
  }

  /** @param {number | null} retryMilliseconds pause, or null for the back-off */
  #endAttempt(retryMilliseconds) {
    this.#close();
    this.#waitToConnect(retryMilliseconds);
    if (this.#isSilent) this.#chooseTransport();
  }

  /** Choose the transport of the next attempt after one that received nothing. */
  async #chooseTransport() {
    this.#isSilent = false;
    const attempt = this.#attempt;
    const isBlocked = (await this.#isServerReachable()) && !this.#usesEventStream;
    if (attempt === this.#attempt) this.#usesEventStream = isBlocked;
  }

  async #isServerReachable() {
    const { checkAccess, onAccessChecked } = this.dependencies;
    try {
      onAccessChecked(await checkAccess());
      return true;
    } catch {
      onAccessChecked(null);
      return false;
    }
  }

  async #connect() {
    this.#close();
    if (this.dependencies.isSignedOut?.()) {
      this.dependencies.onStateChange({ name: "ended" });
      return;
    }
    const attempt = this.#attempt;
    try {
      const addresses = await this.dependencies.prepareAddresses();
      if (attempt === this.#attempt) this.#open(addresses);
    } catch {
      if (attempt !== this.#attempt) return;
      this.reconnectLater();
      this.#isServerReachable();
    }
  }

  /** @param {{ live: string, stream: string }} addresses */
  #open({ live, stream }) {
    const { WebSocket, EventSource } = this.dependencies;
    const attempt = this.#attempt;
    const listener = {
      /** @param {string} text */
      onText: (text) => {
        if (attempt === this.#attempt) this.#receive(text);
      },
      /** @param {number | null} retryMilliseconds */
      onEnd: (retryMilliseconds) => {
        if (attempt === this.#attempt) this.#endAttempt(retryMilliseconds);
      },
      onAccessEnded: () => {
        if (attempt !== this.#attempt) return;
        this.dependencies.onAccessEnded?.();
        this.reconnect();
      },
    };
    this.#isSilent = true;
    this.#transport = this.#usesEventStream
      ? openEventStream(EventSource, stream, listener)
      : openWebSocket(WebSocket, live, listener);
    this.#startSilenceTimer();
  }

  /** @param {string} text */
  #receive(text) {
    this.#startSilenceTimer();
    this.#isSilent = false;
    try {
      const frame = JSON.parse(text);
      this.dependencies.onFrame(frame);
      if (frame.type === "hello" && !this.#greeted) {
        this.#greeted = true;
        this.dependencies.onStateChange({ name: "live" });
      }
      // The back-off starts over only once a connection has lasted until a ping.
      if (frame.type === "ping") this.#lossCount = 0;
    } catch (error) {
      console.warn("live connection received an invalid frame, reconnecting:", error);
      this.reconnectLater();
    }
  }

  #startSilenceTimer() {
    this.#schedule(() => this.reconnectLater(), SILENCE_TIMEOUT_MILLISECONDS);
  }

  /** @param {number | null} retryMilliseconds */
  #waitToConnect(retryMilliseconds) {
    const backoff = MIN_BACKOFF_MILLISECONDS * BACKOFF_FACTOR ** this.#lossCount;
    const maxWait = Math.min(MAX_BACKOFF_MILLISECONDS, backoff);
    const waitMilliseconds =
      retryMilliseconds ?? maxWait * (0.5 + 0.5 * this.dependencies.random());
    this.#failed = !this.#greeted;
    this.#lossCount++;
    this.#greeted = false;
    this.#waiting = true;
    this.dependencies.onStateChange({ name: "waiting", failed: this.#failed, waitMilliseconds });
    this.#schedule(() => this.#connect(), waitMilliseconds);
  }

  #close() {
    this.#attempt++;
    this.#waiting = false;
    this.dependencies.timers.clear(this.#timer);
    this.#transport?.close();
    this.#transport = null;
  }

  /**
   * Set the one timer of this connection.
   *
   * @param {() => void} run
   * @param {number} milliseconds
   */
  #schedule(run, milliseconds) {
    this.dependencies.timers.clear(this.#timer);
    this.#timer = this.dependencies.timers.set(run, milliseconds);
  }
}
