import { MAX_SERIES } from "../store/seriesStore.js";
import { chooseFirstView } from "./firstView.js";
import { LiveConnection } from "./liveConnection.js";
import { SeriesList } from "./seriesList.js";

/** @typedef {import("../store/seriesStore.js").SeriesInfo} SeriesInfo */
/** @typedef {import("../store/seriesStore.js").HistoryResponse} HistoryResponse */
/** @typedef {import("./liveConnection.js").LiveConnectionDependencies} ConnectionParts */
/** @typedef {import("./liveConnection.js").Refusal} Refusal */
/**
 * @typedef {object} FeedDependencies
 * @property {import("./addresses.js").Addresses} addresses
 * @property {import("../store/seriesStore.js").SeriesStore} store
 * @property {import("../store/serverClock.js").ServerClock} clock
 * @property {(address: string) => Promise<any>} fetchJson rejects without a good answer
 * @property {(address: string) => Promise<Refusal | null>} checkAccess sends a POST without a body,
 *   because browsers send the page's origin with it as with a WebSocket
 * @property {typeof chooseFirstView} [chooseSeries] chooses the series while nobody has
 * @property {ConnectionParts["onAccessChecked"]} onAccessChecked
 * @property {ConnectionParts["isSignedOut"]} [isSignedOut]
 * @property {ConnectionParts["onAccessEnded"]} [onAccessEnded]
 * @property {(history: HistoryResponse) => void} onHistory called with the newest history, once it
 *   is in the store
 * @property {() => void} onReset called when the server can't replay the missed readings
 * @property {ConnectionParts["onStateChange"]} onStateChange
 * @property {(names: string[] | null) => void} [onViews] called with the names of changed views,
 *   or null if changes may have been missed
 * @property {(count: number) => void} onRecovered called with the number of replayed readings
 * @property {ConnectionParts["WebSocket"]} WebSocket
 * @property {ConnectionParts["EventSource"]} EventSource
 * @property {ConnectionParts["timers"]} timers
 * @property {ConnectionParts["random"]} random
 */

/** Wait before a reload, for more corrections and for the writer to carry them out. */
const CORRECTION_DELAY_MILLISECONDS = 250;

/** Answers of proxies to a request line that is too long for them. */
const TOO_LONG_STATUSES = new Set([400, 414, 431]);

/**
 * Fills the store with history and, from the history's cursor on, with live readings.
 *
 * It continues from its cursor after each lost connection. The store keeps one reading for each
 * time, so overlapping readings are harmless.
 */
export class Feed {
  /** Cursor up to which the store is complete. @type {string | null} */
  #cursor = null;
  /** Cursor that the journal no longer reaches back to. @type {string | null} */
  #refusedCursor = null;
  /** Cursor to use while the history is still at the refused one. @type {string | null} */
  #fallbackCursor = null;
  /** Names to request, or null for all. @type {string[] | null} */
  #requestedNames = null;
  /** Names that the user has selected, or null for the default. @type {string[] | null} */
  #selectedNames = null;
  /**
   * History to load before the next attempt: none, one that replaces older readings, or one that
   * replaces all.
   */
  #reload = /** @type {"no" | "older" | "all"} */ ("all");
  /** True while the last history had no cursor to continue from. */
  #isCursorMissing = false;
  #isCheckingHistory = false;
  /** True if this connection continues from where the last one was lost. */
  #resuming = false;
  /** Number of the current load; the answers of older ones are ignored. */
  #load = 0;
  /** Names of this connection's numeric series ids. @type {Map<string, string>} */
  #namesById = new Map();

  /** @param {FeedDependencies} dependencies */
  constructor(dependencies) {
    this.dependencies = dependencies;
    this.list = new SeriesList(dependencies);
    const { addresses, checkAccess, isSignedOut, onAccessChecked, onStateChange } = dependencies;
    const { onAccessEnded, WebSocket, EventSource, timers, random } = dependencies;
    this.connection = new LiveConnection({
      prepareAddresses: () => this.#prepareAddresses(),
      checkAccess: () => checkAccess(addresses.liveness),
      onAccessChecked,
      isSignedOut,
      onAccessEnded,
      onFrame: (frame) => this.#handleFrame(frame),
      onStateChange,
      WebSocket,
      EventSource,
      timers,
      random,
    });
  }

  start() {
    this.connection.start();
  }

  /** Connect now if it waits for the next attempt. */
  reconnectNow() {
    this.connection.reconnectNow();
  }

  /**
   * Show only these series from now on; null selects some of each unit.
   *
   * @param {string[] | null} names
   */
  selectSeries(names) {
    this.#selectedNames = names && this.namesThatFit(names);
    this.dependencies.store.selectSeries(this.#selectedNames);
    if (!this.#load) return;
    if (this.#reload !== "all") this.#reload = "older";
    this.connection.reconnect();
  }

  /**
   * Return the first names that the page can show together.
   *
   * @param {string[]} names
   */
  namesThatFit(names) {
    return this.dependencies.addresses.namesThatFit(names, MAX_SERIES);
  }

  async #prepareAddresses() {
    this.#resuming = this.#reload === "no";
    if (!this.#resuming) await this.#loadHistory();
    const { addresses } = this.dependencies;
    return {
      live: addresses.live(this.#cursor, this.#requestedNames),
      stream: addresses.stream(this.#cursor, this.#requestedNames),
    };
  }

  async #loadHistory() {
    const load = ++this.#load;
    const { store, addresses, fetchJson, chooseSeries = chooseFirstView } = this.dependencies;
    const list = await this.list.read();
    const fromScratch = this.#reload === "all";
    const removed = store.findRemoved(list, fromScratch);
    const selected = removeNames(this.#selectedNames, removed);
    const candidates = selected ?? chooseSeries(list, store.series);
    const shownNames = this.namesThatFit(candidates);
    const requested = selected || shownNames.length < list.length ? shownNames : null;
    const history = await fetchJson(addresses.recentHistory(store.spanSeconds, requested))
      .catch((error) => {
        // The next attempt requests fewer series.
        if (TOO_LONG_STATUSES.has(error.status)) addresses.shorten();
        throw error;
      });
    if (load !== this.#load) return;
    this.#selectedNames = removeNames(this.#selectedNames, removed);
    store.removeSeries(removed);
    store.updateInfo(list, new Set(shownNames), fromScratch);
    this.#requestedNames = requested;
    this.#storeHistory(history);
    this.dependencies.onHistory(history);
  }

  /** @param {HistoryResponse} history */
  #storeHistory(history) {
    this.dependencies.store.replaceHistory(history, this.#reload === "all");
    this.#reload = "no";
    const isRefused = history.cursor === this.#refusedCursor;
    this.#isCursorMissing = history.cursor === null || isRefused;
    this.#cursor = isRefused ? this.#fallbackCursor : history.cursor;
    if (!isRefused) this.#refusedCursor = null;
  }

  /** @param {any} frame */
  #handleFrame(frame) {
    const { clock } = this.dependencies;
    switch (frame.type) {
      case "hello":
        clock.restart();
        clock.observe(frame.now);
        this.#namesById.clear();
        this.#addSeriesIds(frame.series);
        // An own cursor stays: the missed readings are still to come.
        this.#cursor ??= frame.cursor;
        this.#checkHistory();
        if (!this.#resuming) this.dependencies.onViews?.(null);
        break;
      case "series":
        this.#addSeriesIds(frame.series);
        break;
      case "readings":
        this.#storeReadings(frame.series);
        this.#cursor = frame.cursor;
        break;
      case "recovered":
        if (this.#resuming) this.dependencies.onRecovered(frame.count);
        break;
      case "reset":
        this.#handleReset(frame.cursor);
        break;
      case "views":
        this.dependencies.onViews?.(frame.views);
        break;
      case "changed":
        this.#reloadAfterCorrection();
        break;
      case "settings":
        this.list.markOutdated();
        this.#cursor = frame.cursor;
        break;
      case "ping":
        clock.observe(frame.now);
        // The server has no cursor while Redis is unavailable.
        this.#cursor = frame.cursor ?? this.#cursor;
        this.#checkHistory();
        this.list.update();
    }
  }

  /** @param {Record<string, number>} ids */
  #addSeriesIds(ids) {
    for (const [name, id] of Object.entries(ids)) this.#namesById.set(String(id), name);
  }

  /** @param {Record<string, [number[], number[]]>} columns times and values by series id */
  #storeReadings(columns) {
    const { store } = this.dependencies;
    for (const [id, [times, values]] of Object.entries(columns)) {
      const name = this.#namesById.get(id);
      if (name === undefined) throw new Error(`unknown series id ${id}`);
      const seriesCount = store.series.size;
      store.addReadings(name, times, values);
      if (store.series.size === seriesCount) continue;
      this.list.addUnlisted(name);
    }
  }

  /** @param {string} cursor where the server would continue */
  #handleReset(cursor) {
    this.dependencies.onReset();
    this.#refusedCursor = this.#cursor;
    this.#fallbackCursor = cursor;
    this.#reload = "all";
    this.connection.reconnectLater();
  }

  /**
   * Reload everything. If the history still ends before the correction, the server sends the same
   * frame again.
   */
  #reloadAfterCorrection() {
    if (this.#reload === "all") return;
    this.#reload = "all";
    const { timers } = this.dependencies;
    timers.set(() => this.connection.reconnect(), CORRECTION_DELAY_MILLISECONDS);
  }

  /** Reconnect from the history's cursor as soon as the history has one. */
  async #checkHistory() {
    if (!this.#isCursorMissing || this.#isCheckingHistory) return;
    this.#isCheckingHistory = true;
    const { store, addresses, fetchJson } = this.dependencies;
    try {
      const address = addresses.recentHistory(store.spanSeconds, this.#requestedNames);
      const { cursor } = /** @type {HistoryResponse} */ (await fetchJson(address));
      if (this.#isCursorMissing && cursor !== null && cursor !== this.#refusedCursor) {
        this.#reload = "older";
        this.connection.reconnect();
      }
    } catch {
      // The next ping checks again; the connection itself shows that the server is unavailable.
    } finally {
      this.#isCheckingHistory = false;
    }
  }
}

/**
 * Return the selected names that still exist; null, the default, if none is left.
 *
 * @param {string[] | null} names
 * @param {Set<string>} removed
 */
function removeNames(names, removed) {
  const left = names?.filter((name) => !removed.has(name));
  return left?.length ? left : null;
}
