import { ServerClock } from "../../store/serverClock.js";
import { SeriesStore } from "../../store/seriesStore.js";
import { Addresses } from "../../feed/addresses.js";
import { Feed } from "../../feed/feed.js";
import { Timers } from "./server.js";

/**
 * What of the page needs no browser, connected to a server.
 *
 * @param {import("./server.js").Server} server
 */
export function page(server, random = () => 1) {
  const timers = new Timers();
  const store = new SeriesStore(60);
  /** @type {import("../../feed/liveConnection.js").ConnectionState[]} */
  const states = [];
  /** @type {number[]} */
  const recovered = [];
  let resets = 0;
  const feed = new Feed({
    addresses: new Addresses("http://host/", ""),
    store,
    clock: new ServerClock(() => timers.now / 1_000, 0),
    fetchJson: server.fetchJson,
    onReset: () => resets++,
    onStateChange: (state) => states.push(state),
    onRecovered: (count) => recovered.push(count),
    WebSocket: server.WebSocket,
    EventSource: server.EventSource,
    timers,
    random,
  });
  return { feed, store, timers, states, recovered, resets: () => resets };
}

/** The readings that are held. @param {SeriesStore} store @param {string} name */
export const held = (store, name) => {
  const readings = store.series.get(name)?.readings;
  if (!readings) return undefined;
  const { t, mean, start, end } = readings;
  return Array.from(t.subarray(start, end), (time, i) => [time, mean[start + i]]);
};

const LIVE = ["/live", "/api/stream"];

/** What the server was asked for. @param {import("./server.js").Server} server */
export const paths = (server) =>
  server.asked.map(({ pathname, searchParams }) =>
    LIVE.includes(pathname) ? `${pathname} ${searchParams.get("cursor")}` : pathname,
  );
