import { Theme } from "./chart/theme.js";
import { ServerClock } from "./store/clock.js";
import { SeriesStore } from "./store/store.js";
import { Addresses } from "./feed/addresses.js";
import { Feed } from "./feed/feed.js";
import { TimeFormat } from "./format.js";
import { Board } from "./page/board.js";
import { byId } from "./page/element.js";
import { eachFrame } from "./page/frames.js";
import { fillGuide } from "./page/guide.js";
import { Losses } from "./page/losses.js";
import { Status } from "./page/status.js";
import { Windows } from "./page/windows.js";

/** Milliseconds that an answer may take. */
const PATIENCE = 20_000;

/** Milliseconds between two looks at what changes with time or comes with the readings. */
const REFRESH = 250;

const addresses = new Addresses(document.baseURI, document.documentElement.dataset.base ?? "");
const clock = new ServerClock(() => performance.now() / 1_000, Date.now() / 1_000);
const windows = new Windows(byId("windows"), (span) => feed.show(span));
const store = new SeriesStore(windows.span);
const format = new TimeFormat();
const status = new Status(store, clock, format);
const losses = new Losses(format);
const board = new Board(byId("board"), store, new Theme(window), format);
const feed = new Feed({
  addresses,
  store,
  clock,
  fetchJson,
  onState: (state) => {
    status.take(state);
    showCounts();
  },
  onRecovered: (count) => status.recovered(count),
  WebSocket,
  EventSource,
  timers: { set: (run, wait) => setTimeout(run, wait), clear: (timer) => clearTimeout(timer) },
  random: Math.random,
});

/** @param {string} address */
async function fetchJson(address) {
  const answer = await fetch(address, {
    headers: { Accept: "application/json" },
    cache: "no-store",
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  return answer.json();
}

/** The guide shows as long as the server is there and has nothing. */
function showCounts() {
  const shown = store.series.size;
  byId("guide").hidden = shown > 0 || status.state !== "live";
  byId("more").hidden = store.total === shown;
  byId("more").textContent = `Showing ${shown} of ${store.total} series.`;
}

/** Where the window ends: it stands still while nothing can come. */
let end = clock.now();

eachFrame(() => {
  if (status.state !== "away") end = clock.now();
  board.frame(end);
});
setInterval(() => {
  status.refresh();
  losses.show(store.gaps);
  showCounts();
}, REFRESH);
window.addEventListener("online", () => feed.hurry());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") feed.hurry();
});
fillGuide(byId("commands"), addresses.readings);
feed.start();
