import { Addresses } from "../../feed/addresses.js";
import { Feed } from "../../feed/feed.js";
import { SeriesStore } from "../../store/seriesStore.js";
import { ServerClock } from "../../store/serverClock.js";
import { FakeTimers } from "./server.js";

/**
 * Connect a feed and a store to a fake server.
 *
 * @param {import("./server.js").FakeServer} server
 * @param {() => number} [random]
 * @param {() => boolean} [isSignedOut]
 */
export function connectFeed(server, random = () => 1, isSignedOut = () => false) {
  const timers = new FakeTimers();
  const store = new SeriesStore(60);
  /** @type {import("../../feed/liveConnection.js").ConnectionState[]} */
  const states = [];
  /** @type {number[]} */
  const recoveredCounts = [];
  /** @type {(import("../../feed/liveConnection.js").Refusal | null)[]} */
  const refusals = [];
  /** @type {(string[] | null)[]} */
  const viewChanges = [];
  let resetCount = 0;
  const feed = new Feed({
    addresses: new Addresses("http://host/", "./"),
    store,
    clock: new ServerClock(() => timers.now / 1_000, 0),
    fetchJson: server.fetchJson,
    checkAccess: server.checkAccess,
    onAccessChecked: (refusal) => refusals.push(refusal),
    isSignedOut,
    onHistory: () => {},
    onReset: () => resetCount++,
    onStateChange: (state) => states.push(state),
    onRecovered: (count) => recoveredCounts.push(count),
    onViews: (names) => viewChanges.push(names),
    WebSocket: server.WebSocket,
    EventSource: server.EventSource,
    timers,
    random,
  });
  return {
    feed, store, timers, states, recoveredCounts, refusals, viewChanges, resetCount: () => resetCount,
  };
}

/**
 * Return the times and values in the reading buffer of a series; undefined without the series.
 *
 * @param {SeriesStore} store
 * @param {string} name
 */
export const cachedReadings = (store, name) => {
  const readings = store.series.get(name)?.readings;
  if (!readings) return undefined;
  const { t, mean, start, end } = readings;
  return Array.from(t.subarray(start, end), (time, i) => [time, mean[start + i]]);
};

const LIVE_PATHS = ["/live", "/api/stream"];

/**
 * Return the requested paths in order; those of live connections with their cursor.
 *
 * @param {import("./server.js").FakeServer} server
 */
export const requestedPaths = (server) =>
  server.requests.map(({ pathname, searchParams }) =>
    LIVE_PATHS.includes(pathname) ? `${pathname} ${searchParams.get("cursor")}` : pathname,
  );
