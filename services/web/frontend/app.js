import { Theme } from "./chart/theme.js";
import { Addresses } from "./feed/addresses.js";
import { Feed } from "./feed/feed.js";
import { HistoryLoader } from "./feed/historyLoader.js";
import { formatCount, TimeFormat } from "./format.js";
import { Access } from "./page/access/access.js";
import { setUpAccessMenu } from "./page/access/accessMenu.js";
import { startAnimationLoop } from "./page/animationLoop.js";
import { ColorScheme } from "./page/colorScheme.js";
import { Comparison } from "./page/compare/comparison.js";
import { setUpCompareMenu } from "./page/compare/compareMenu.js";
import { SeriesEditor } from "./page/dialogs/seriesEditor.js";
import { byId, setText } from "./page/dom.js";
import { FirstWindow } from "./page/firstWindow.js";
import { findOverviewList } from "./page/overview/firstPage.js";
import { Overview } from "./page/overview/overview.js";
import { Board } from "./page/panel/board.js";
import { RangeSelection } from "./page/selection/rangeSelection.js";
import { setUpSharing } from "./page/share/setUpSharing.js";
import { chooseAll, limitOf, readSharedPage, setUpSharedPage } from "./page/share/sharedPage.js";
import { setUpSharedView } from "./page/share/sharedView.js";
import { SeriesLabels } from "./page/seriesLabels.js";
import { setUpPrinting } from "./page/print.js";
import { SeriesSelection } from "./page/seriesSelection.js";
import { showDiskUsage } from "./page/status/diskUsage.js";
import { GapList } from "./page/status/gapList.js";
import { pollReadiness } from "./page/status/readiness.js";
import { StatusLine } from "./page/status/statusLine.js";
import { TimeWindows } from "./page/timeWindows.js";
import { setUpToolbar } from "./page/toolbar.js";
import { setUpViews } from "./page/views/setUpViews.js";
import { ViewHistory } from "./page/viewHistory.js";
import { ServerClock } from "./store/serverClock.js";
import { MAX_SERIES, SeriesStore } from "./store/seriesStore.js";
import { parseWindow } from "./view/calendarWindows.js";
import { DisplayClock } from "./view/displayClock.js";
import { formatRange } from "./view/timeRange.js";
import { TimeView } from "./view/timeView.js";

const FETCH_TIMEOUT_MS = 20_000;

/** Milliseconds between updates of the status, the gaps and the counts. */
const REFRESH_INTERVAL_MS = 250;

/** Seconds of history that are loaded first; the history loader loads what else the view needs. */
const FIRST_HISTORY_SECONDS = 300;

const addresses = new Addresses(document.baseURI, document.documentElement.dataset.root ?? "./");
const access = new Access(addresses, (...request) => fetch(...request));
const clock = new ServerClock(() => performance.now() / 1_000, Date.now() / 1_000);
const selection = new SeriesSelection();
const rangeSelection = new RangeSelection();
/** What the page shows below a share link; null on the server's own page. */
const share = readSharedPage(document.documentElement.dataset);
const limit = limitOf(share);
if (share) selection.useViewRange(limit && formatRange(limit));
const view = new TimeView(
  clock.now(),
  parseWindow(selection.range, clock.now()) ?? undefined,
  limit,
);
const displayClock = new DisplayClock(clock);
const store = new SeriesStore(FIRST_HISTORY_SECONDS);
const format = new TimeFormat();
const labels = new SeriesLabels(store);
// The scheme is applied to the page first, because the theme reads its colours.
const colorScheme = new ColorScheme(byId("themes"));
const theme = new Theme(window);
colorScheme.onChange = () => theme.readColors();
const statusLine = new StatusLine({ store, clock, view, format });
const gapList = new GapList(format);
/** @type {import("./feed/liveConnection.js").Timers} */
const timers = {
  set: (run, wait) => setTimeout(run, wait),
  clear: (timer) => clearTimeout(timer),
};

const comparison = new Comparison({
  selection,
  view,
  store,
  server: { addresses, fetchJson },
  panels: () => board.panels,
  columnSeconds: () => board.columnSeconds,
});

const seriesEditor = share ? null : new SeriesEditor({
  addresses,
  view,
  format,
  fetch: access.fetch,
  onChange: () => feed.list.markOutdated(),
  onRename: (name, newName) => {
    const wasSelected = selection.series?.includes(name);
    selection.rename(name, newName);
    // The feed drops a deleted series automatically, but must be told to load the new name.
    if (wasSelected && newName !== null) feed.selectSeries(selection.series);
  },
});

// The board, the history loader, the feed and the series editor need one another. The closures
// below therefore name constants that are defined further down; they run only after this module.
const board = new Board(byId("board"), store, {
  view,
  theme,
  format,
  labels,
  selection,
  loading: () => {
    const { busy, failed } = historyLoader;
    return { busy, isAway: failed || statusLine.connection === "offline" };
  },
  increases: { addresses, fetchJson },
  comparison,
  rangeSelection,
  editSeries: (series) => seriesEditor?.open(series),
});
const timeWindows = new TimeWindows(view, format);
new ViewHistory(view, selection);
const firstWindow = new FirstWindow({ view, store, addresses, clock, fetchJson });
const feed = new Feed({
  addresses,
  store,
  clock,
  fetchJson,
  checkAccess,
  isSignedOut: () => access.isSignedOut,
  onAccessEnded: () => access.signOut(),
  chooseSeries: share ? chooseAll : undefined,
  onAccessChecked: (refusal) => statusLine.setRefusal(refusal),
  onHistory: (history) => firstWindow.propose(history),
  onReset: () => statusLine.showReset(),
  onStateChange: (state) => {
    statusLine.setConnection(state);
    showCounts();
  },
  onRecovered: (count) => statusLine.showRecovered(count),
  onViews: (names) => views?.onViews(names),
  WebSocket,
  EventSource,
  timers,
  random: Math.random,
});
const historyLoader = new HistoryLoader({
  store,
  view,
  addresses,
  fetchJson,
  columnCount: () => view.span / board.columnSeconds,
  timers,
});
historyLoader.addEventListener("change", () => board.invalidate());
comparison.addEventListener("change", () => board.invalidate());

/**
 * Fetch a JSON document; throws on a failure, an error status or a timeout.
 *
 * @param {string} address
 * @param {AbortSignal} [signal] ends the request
 */
async function fetchJson(address, signal) {
  const timeout = AbortSignal.timeout(FETCH_TIMEOUT_MS);
  const response = await access.fetch(address, {
    headers: { Accept: "application/json" },
    cache: "no-store",
    signal: signal ? AbortSignal.any([timeout, signal]) : timeout,
  });
  if (!response.ok) {
    const { status } = response;
    throw Object.assign(new Error(`${address} answered ${status}`), { status });
  }
  return response.json();
}

/**
 * Return why the server refuses this page, null if it does not; throws without an answer of ours.
 *
 * @param {string} address
 * @returns {Promise<import("./feed/liveConnection.js").Refusal | null>}
 */
async function checkAccess(address) {
  const response = await access.fetch(address, {
    method: "POST",
    cache: "no-store",
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
  });
  const answer = await response.json();
  if (answer.reason) return answer;
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  await access.refresh();
  return null;
}

/** Show how many series are on the page, or the guide while the server has none. */
function showCounts() {
  const shown = store.series.size;
  byId("guide").hidden = shown > 0 || statusLine.connection !== "live";
  byId("open-series").hidden = shown === 0;
  setText(byId("series-shown"), String(shown));
  const total = shown < store.totalCount ? ` of ${formatCount(store.totalCount)}` : "";
  setText(byId("series-total"), total);
}

const drawNow = startAnimationLoop(() => {
  // Without a connection no readings arrive, so the window stops.
  if (statusLine.connection !== "offline") {
    view.advance(displayClock.advance(store.newestTime), displayClock.aheadSeconds);
  }
  view.firstTime = store.firstTime;
  board.draw();
  statusLine.measureLag();
});
view.addEventListener("change", drawNow);
rangeSelection.addEventListener("change", drawNow);
document.addEventListener("pointermove", drawNow);
setInterval(() => {
  statusLine.refresh();
  gapList.show(store.gaps);
  historyLoader.loadMissing();
  comparison.update();
  showCounts();
}, REFRESH_INTERVAL_MS);
window.addEventListener("online", () => feed.reconnectNow());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") feed.reconnectNow();
});
if (!share) pollReadiness(() => fetchJson(addresses.status), (readiness) => {
  statusLine.readiness = readiness;
  if (readiness) showDiskUsage(readiness.storage, clock.now());
});
access.addEventListener("signout", () => statusLine.setEnd(share ? "Ended" : "Signed out"));
setUpAccessMenu(access, addresses);
setUpPrinting({ board, theme, view, format });
setUpToolbar({
  access,
  addresses,
  board,
  clock,
  feed,
  fetchJson,
  format,
  historyLoader,
  isShared: share !== null,
  labels,
  rangeSelection,
  selection,
  store,
  theme,
  timeWindows,
  view,
});
setUpCompareMenu(comparison);
const viewParts = {
  addresses,
  board,
  feed,
  fetch: access.fetch,
  fetchJson,
  selection,
  view,
  setTitle: (/** @type {string} */ title) => {
    statusLine.pageTitle = title;
  },
};
const ownViews = share ? null : setUpViews(viewParts);
if (ownViews) setUpSharing({ access, board, format, view, namedView: ownViews.shared });
const views = ownViews ?? (document.documentElement.dataset.view === "" ? setUpSharedView(viewParts) : null);
byId("unstarted").remove();
if (share) startSharedPage(share);
else openFirstPage();

/** @param {import("./page/share/sharedPage.js").SharedPage} shared */
function startSharedPage(shared) {
  setUpSharedPage(shared);
  if (shared.title) statusLine.pageTitle = `${shared.title} – Stripchart`;
  if (views) {
    views.start();
    return;
  }
  feed.selectSeries(selection.series);
  feed.start();
}

/** Show the overview if the address asks for it or nothing was chosen among many series. */
async function openFirstPage() {
  const list = await findOverviewList(location, addresses, fetchJson);
  if (!list) {
    views?.start();
    return;
  }
  const { dependencies } = feed.connection;
  const overview = new Overview({
    addresses, clock, fetchJson, maxSeries: MAX_SERIES, connection: dependencies,
  });
  statusLine.store = overview;
  overview.start(list);
}
