import { MAX_SERIES } from "../store/seriesStore.js";
import { namesThatFit } from "./addresses.js";
import { LiveConnection } from "./liveConnection.js";

/** @typedef {import("../store/seriesStore.js").SeriesInfo} Description */
/** @typedef {import("../store/seriesStore.js").HistoryResponse} History */
/** @typedef {import("./liveConnection.js").LiveConnectionDependencies} LinkParts */
/**
 * @typedef {object} FeedDependencies
 * @property {import("./addresses.js").Addresses} addresses
 * @property {import("../store/seriesStore.js").SeriesStore} store
 * @property {import("../store/serverClock.js").ServerClock} clock
 * @property {(address: string) => Promise<any>} fetchJson rejects when there is no good answer
 * @property {() => void} onReset what was missed can't be told
 * @property {LinkParts["onStateChange"]} onStateChange
 * @property {(count: number) => void} onRecovered readings that came after a lost connection
 * @property {LinkParts["WebSocket"]} WebSocket
 * @property {LinkParts["EventSource"]} EventSource
 * @property {LinkParts["timers"]} timers
 * @property {LinkParts["random"]} random
 */

/** Milliseconds for corrections that come together, and for the writer to carry them out. */
const UNTIL_CORRECTED = 250;

/** How long the writer may take until a new series stands in the list of all series. */
const UNTIL_LISTED = 1_000;

/** Seconds before the newest reading of all in which a series had one that is shown by itself. */
const FRESH = 86_400;

/**
 * Fills the store: history first, then from its cursor everything after it, over every loss of the
 * connection. Readings that come twice are one, so what overlaps is harmless.
 */
export class Feed {
  /** The position up to which the store has everything. @type {string | null} */
  #cursor = null;
  /** A position that the journal no longer reaches back to. @type {string | null} */
  #refused = null;
  /** Where to go on when history is still at the refused position. @type {string | null} */
  #resort = null;
  /** Names to ask for, or null for all. @type {string[] | null} */
  #selection = null;
  /** Names that a person has chosen, or null for the newest. @type {string[] | null} */
  #chosen = null;
  /** Whether history comes before the next connection, and in the place of what that is held. */
  #reload = /** @type {"no" | "older" | "all"} */ ("all");
  /** History had no position to go on from: ask again. */
  #unsettled = false;
  #settling = false;
  /** The connection goes on from where the last one was lost. */
  #resuming = false;
  /** Which load counts: an older one that ends late is forgotten. */
  #load = 0;
  /** @type {Map<string, string>} numeric ids of this connection to names */
  #names = new Map();
  /** Series that came live and are not in the list yet. @type {Set<string>} */
  #undescribed = new Set();

  /** @param {FeedDependencies} parts */
  constructor(parts) {
    this.dependencies = parts;
    const { addresses, fetchJson, onStateChange: onState, WebSocket, EventSource, timers, random } = parts;
    this.connection = new LiveConnection({
      prepareAddresses: () => this.#prepare(),
      isServerReachable: () => fetchJson(addresses.liveness).then(Boolean),
      onFrame: (frame) => this.#take(frame),
      onStateChange: onState,
      WebSocket,
      EventSource,
      timers,
      random,
    });
  }

  start() {
    this.connection.start();
  }

  /** Don't wait any longer for the next attempt. */
  reconnectNow() {
    this.connection.reconnectNow();
  }

  /**
   * Show these series from now on, or the newest. Before `start` it only says what to begin with.
   *
   * @param {string[] | null} names
   */
  selectSeries(names) {
    this.#chosen = names && namesThatFit(names, MAX_SERIES);
    this.dependencies.store.selectSeries(this.#chosen);
    if (!this.#load) return;
    if (this.#reload !== "all") this.#reload = "older";
    this.connection.reconnect();
  }

  async #prepare() {
    this.#resuming = this.#reload === "no";
    if (!this.#resuming) await this.#fill();
    const { addresses } = this.dependencies;
    return {
      live: addresses.live(this.#cursor, this.#selection),
      stream: addresses.stream(this.#cursor, this.#selection),
    };
  }

  async #fill() {
    const load = ++this.#load;
    const { store, addresses, fetchJson } = this.dependencies;
    const { series } = /** @type {{ series: Description[] }} */ (
      await fetchJson(addresses.series)
    );
    const fromScratch = this.#reload === "all";
    const gone = store.findRemoved(series, fromScratch);
    const kept = without(this.#chosen, gone);
    const chosen = kept ?? choose(series, store.series);
    const selection = kept || chosen.length < series.length ? chosen : null;
    const history = await fetchJson(addresses.recentHistory(store.spanSeconds, selection));
    if (load !== this.#load) return;
    this.#chosen = without(this.#chosen, gone);
    store.removeSeries(gone);
    store.updateInfo(series, new Set(chosen), fromScratch);
    this.#selection = selection;
    this.#accept(history);
  }

  /** @param {History} history */
  #accept(history) {
    this.dependencies.store.replaceHistory(history, this.#reload === "all");
    this.#reload = "no";
    const stuck = history.cursor === this.#refused;
    this.#unsettled = history.cursor === null || stuck;
    this.#cursor = stuck ? this.#resort : history.cursor;
    if (!stuck) this.#refused = null;
  }

  /** @param {any} frame */
  #take(frame) {
    const { clock, store } = this.dependencies;
    switch (frame.type) {
      case "hello":
        clock.restart();
        clock.observe(frame.now);
        this.#names.clear();
        this.#learn(frame.series);
        // With a cursor of ours the missed readings are still to come: it stays.
        this.#cursor ??= frame.cursor;
        this.#settle();
        break;
      case "series":
        this.#learn(frame.series);
        break;
      case "readings":
        this.#store(frame.series);
        this.#cursor = frame.cursor;
        break;
      case "recovered":
        if (this.#resuming) this.dependencies.onRecovered(frame.count);
        break;
      case "reset":
        this.#reset(frame.cursor);
        break;
      case "changed":
        this.#renew();
        break;
      case "ping":
        clock.observe(frame.now);
        // While Redis is away the server has no position to tell.
        this.#cursor = frame.cursor ?? this.#cursor;
        this.#settle();
        this.#describe();
    }
  }

  /** @param {Record<string, number>} series */
  #learn(series) {
    for (const [name, id] of Object.entries(series)) this.#names.set(String(id), name);
  }

  /** @param {Record<string, [number[], number[]]>} series */
  #store(series) {
    const { store, timers } = this.dependencies;
    for (const [id, [times, values]] of Object.entries(series)) {
      const name = this.#names.get(id);
      if (name === undefined) throw new Error(`no series has the id ${id}`);
      const known = store.series.size;
      store.addReadings(name, times, values);
      if (store.series.size === known) continue;
      if (!this.#undescribed.size) timers.set(() => this.#describe(), UNTIL_LISTED);
      this.#undescribed.add(name);
    }
  }

  /** @param {string} cursor where the server would go on */
  #reset(cursor) {
    this.dependencies.onReset();
    this.#refused = this.#cursor;
    this.#resort = cursor;
    this.#reload = "all";
    this.connection.reconnectLater();
  }

  /** Load history anew. One that ends before the correction is followed by the same frame again. */
  #renew() {
    if (this.#reload === "all") return;
    this.#reload = "all";
    this.dependencies.timers.set(() => this.connection.reconnect(), UNTIL_CORRECTED);
  }

  /** Look whether history has a position by now, and if so, go on from there. */
  async #settle() {
    if (!this.#unsettled || this.#settling) return;
    this.#settling = true;
    const { store, addresses, fetchJson } = this.dependencies;
    try {
      const history = await fetchJson(addresses.recentHistory(store.spanSeconds, this.#selection));
      if (this.#unsettled && history.cursor !== null && history.cursor !== this.#refused) {
        this.#reload = "older";
        this.connection.reconnect();
      }
    } catch {
      // The next ping asks again; that the server is away shows on the link itself.
    } finally {
      this.#settling = false;
    }
  }

  /** Learn the units of series that began while the page was open. */
  async #describe() {
    if (!this.#undescribed.size) return;
    const { store, addresses, fetchJson } = this.dependencies;
    try {
      const { series } = await fetchJson(addresses.series);
      store.updateInfo(series, new Set());
      for (const { name } of series) this.#undescribed.delete(name);
    } catch {
      // The next ping asks again.
    }
  }
}

/**
 * What is left of a choice; of none, or where nothing is left, it is the newest that are shown.
 *
 * @param {string[] | null} chosen
 * @param {Set<string>} gone
 */
function without(chosen, gone) {
  const left = chosen?.filter((name) => !gone.has(name));
  return left?.length ? left : null;
}

/**
 * The series to show: those shown already, then the ones with the newest readings. They come in the
 * order of the list, so that each time they look the same.
 *
 * @param {(Description & { last?: number | null })[]} listing
 * @param {Map<string, unknown>} shown
 * @returns {string[]}
 */
function choose(listing, shown) {
  const first = listing.filter(({ name }) => shown.has(name));
  const others = listing
    .filter(({ name }) => !shown.has(name))
    .sort((a, b) => (b.last ?? 0) - (a.last ?? 0));
  const newest = others[0]?.last ?? 0;
  // Among many, those that no longer come would only be in the way.
  const fresh = others.filter(({ last }) => (last ?? 0) >= newest - FRESH);
  const some = listing.length > MAX_SERIES ? fresh : others;
  const names = [...first, ...some].map(({ name }) => name);
  const fit = new Set(namesThatFit(names, MAX_SERIES));
  return listing.flatMap(({ name }) => (fit.has(name) ? [name] : []));
}
