import { LiveConnection } from "../../feed/liveConnection.js";

/** @typedef {import("../../feed/liveConnection.js").LiveConnectionDependencies} ConnectionParts */

/** Up to this many series the server sends the readings of all of them. */
const MAX_UNFILTERED_SERIES = 500;
/** Time in which more rows may scroll into view before the server is asked for them. */
const DELAY_MILLISECONDS = 400;

/** Receives new readings of the visible series. */
export class LiveValues {
  /** Names that this connection brings; null for all. @type {Set<string> | null} */
  #names = new Set();
  /** @type {Map<string, string>} */
  #namesById = new Map();
  /** @type {any} */
  #timer = null;

  /**
   * @param {object} options
   * @param {import("../../feed/addresses.js").Addresses} options.addresses
   * @param {import("../../store/serverClock.js").ServerClock} options.clock
   * @param {Omit<ConnectionParts, "prepareAddresses" | "onFrame">} options.connection
   * @param {() => string[]} options.visibleNames
   * @param {() => number} options.seriesCount
   * @param {(name: string, times: number[], values: number[]) => void} options.onReadings
   * @param {() => void} options.onChange called when the server's list of series has changed
   * @param {() => void} options.onViewsChange called when the views have changed
   * @param {(names: string[] | null) => void} options.onSubscribe called with the names of a new
   *   connection, null for all
   */
  constructor(options) {
    this.options = options;
    this.connection = new LiveConnection({
      ...options.connection,
      prepareAddresses: async () => this.#prepareAddresses(),
      onFrame: (frame) => this.#handleFrame(frame),
    });
  }

  start() {
    this.connection.start();
  }

  /** Ask for other series soon, if some that are visible are not among those that come. */
  update() {
    if (!this.#names || this.#timer !== null || this.#covers()) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (!this.#covers()) this.connection.reconnect();
    }, DELAY_MILLISECONDS);
  }

  #covers() {
    const names = this.#names;
    return names === null || this.options.visibleNames().every((name) => names.has(name));
  }

  #prepareAddresses() {
    const { addresses, seriesCount, visibleNames, onSubscribe } = this.options;
    const all = visibleNames();
    const isFiltered = seriesCount() > MAX_UNFILTERED_SERIES && all.length > 0;
    const names = isFiltered ? addresses.namesThatFit(all, MAX_UNFILTERED_SERIES) : null;
    this.#names = names && new Set(names);
    onSubscribe(names);
    return { live: addresses.live(null, names), stream: addresses.stream(null, names) };
  }

  /** @param {any} frame */
  #handleFrame(frame) {
    const { clock, onReadings, onChange } = this.options;
    switch (frame.type) {
      case "hello":
        clock.restart();
        clock.observe(frame.now);
        this.#namesById.clear();
        this.#addIds(frame.series);
        break;
      case "series":
        this.#addIds(frame.series);
        break;
      case "readings":
        for (const [id, columns] of Object.entries(frame.series)) {
          const [times, values] = /** @type {[number[], number[]]} */ (columns);
          const name = this.#namesById.get(id);
          if (name !== undefined) onReadings(name, times, values);
        }
        break;
      case "changed":
      case "settings":
        onChange();
        break;
      case "views":
        this.options.onViewsChange();
        break;
      case "ping":
        clock.observe(frame.now);
    }
  }

  /** @param {Record<string, number>} ids */
  #addIds(ids) {
    for (const [name, id] of Object.entries(ids)) this.#namesById.set(String(id), name);
  }
}
