import { Theme } from "./chart/theme.js";
import { ServerClock } from "./store/serverClock.js";
import { MAX_SERIES, SeriesStore } from "./store/seriesStore.js";
import { Addresses } from "./feed/addresses.js";
import { Feed } from "./feed/feed.js";
import { formatCount, TimeFormat } from "./format.js";
import { Board } from "./page/panel/board.js";
import { Corrections } from "./page/dialogs/seriesEditor.js";
import { byId, write } from "./page/element.js";
import { eachFrame } from "./page/animationLoop.js";
import { Losses } from "./page/status/gapList.js";
import { watchReadiness } from "./page/status/readiness.js";
import { Scheme } from "./page/colorScheme.js";
import { Selection } from "./page/seriesSelection.js";
import { Status } from "./page/status/statusLine.js";
import { showStorage } from "./page/status/diskUsage.js";
import { furnish } from "./page/toolbar.js";
import { Windows } from "./page/timeWindows.js";
import { HistoryLoader } from "./feed/historyLoader.js";
import { DisplayClock } from "./view/displayClock.js";
import { parseRange, formatRange } from "./view/timeRange.js";
import { TimeView } from "./view/timeView.js";

/** Milliseconds that an answer may take. */
const PATIENCE = 20_000;

/** Milliseconds between two looks at what changes with time or comes with the readings. */
const REFRESH = 250;

/** Seconds that are loaded before anything is looked at; the view's loader gets all else. */
const FIRST_SPAN = 300;

const addresses = new Addresses(document.baseURI, document.documentElement.dataset.base ?? "");
const clock = new ServerClock(() => performance.now() / 1_000, Date.now() / 1_000);
const selection = new Selection();
const view = new TimeView(clock.now(), parseRange(selection.range) ?? undefined);
const pace = new DisplayClock(clock);
const store = new SeriesStore(FIRST_SPAN);
const format = new TimeFormat();
const scheme = new Scheme(byId("themes"));
const theme = new Theme(window);
scheme.onChange = () => theme.readColors();
const status = new Status({ store, clock, view, format });
const losses = new Losses(format);
const board = new Board(byId("board"), store, {
  view,
  theme,
  format,
  selection,
  loading: () => loader,
  correct: (series) => corrections.open(series),
});
const windows = new Windows(view, format);
/** @type {import("./feed/liveConnection.js").Timers} */
const timers = {
  set: (run, wait) => setTimeout(run, wait),
  clear: (timer) => clearTimeout(timer),
};
const feed = new Feed({
  addresses,
  store,
  clock,
  fetchJson,
  onReset: () => status.reset(),
  onStateChange: (state) => {
    status.take(state);
    showCounts();
  },
  onRecovered: (count) => status.recovered(count),
  WebSocket,
  EventSource,
  timers,
  random: Math.random,
});
const loader = new HistoryLoader({
  store,
  view,
  addresses,
  fetchJson,
  columnCount: () => view.span / board.column,
  timers,
});
loader.addEventListener("change", () => board.invalidate());

const corrections = new Corrections({
  addresses,
  view,
  format,
  fetch: (...asked) => fetch(...asked),
  onRename: (name, next) => {
    const chosen = selection.series?.includes(name);
    selection.rename(name, next);
    // What is deleted goes by itself; a new name has to be asked for.
    if (chosen && next !== null) feed.selectSeries(selection.series);
  },
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
  byId("open-series").hidden = shown === 0;
  write("series-shown", String(shown));
  write("series-total", shown < store.totalCount ? ` of ${formatCount(store.totalCount)}` : "");
}

/** @type {any} */
let noting = null;
view.addEventListener("change", () => {
  // A browser refuses an address that changes with every step of a drag.
  clearTimeout(noting);
  noting = setTimeout(() => (selection.range = formatRange(view.range)), REFRESH);
});
const hurry = eachFrame(() => {
  // It stands still while nothing can come.
  if (status.state !== "away") view.advance(pace.advance(store.newestTime));
  view.firstTime = store.firstTime;
  board.frame();
  status.watch();
});
view.addEventListener("change", hurry);
document.addEventListener("pointermove", hurry);
setInterval(() => {
  status.refresh();
  losses.show(store.gaps);
  loader.loadMissing();
  showCounts();
}, REFRESH);
window.addEventListener("online", () => feed.reconnectNow());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") feed.reconnectNow();
});
watchReadiness(() => fetchJson(addresses.status), (ready) => {
  status.ready = ready;
  if (ready) showStorage(ready.storage, clock.now());
});
furnish({ addresses, board, clock, feed, fetchJson, format, selection, store, theme, view, windows });
feed.selectSeries(selection.series);
feed.start();
