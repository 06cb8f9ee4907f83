import { MAX_SERIES } from "../store/seriesStore.js";
import { setUpDialog, setUpMenu } from "./dialogs/dialog.js";
import { ReadingsTable } from "./dialogs/readingsTable.js";
import { SeriesChooser } from "./dialogs/seriesChooser.js";
import { fillSnippetList } from "./dialogs/snippetList.js";
import { createSnippets } from "./dialogs/snippets.js";
import { TimePicker } from "./dialogs/timePicker.js";
import { byId, setText } from "./dom.js";
import { copyText } from "./export/clipboard.js";
import { formatCsv } from "./export/csv.js";
import { downloadFile, exportFileName } from "./export/download.js";
import { drawPicture } from "./export/picture.js";
import { setUpKeyboard } from "./keyboard.js";
import { Kiosk } from "./kiosk.js";
import { focusOverviewSearch, isOverview } from "./overview/firstPage.js";
import { readingRows } from "./readingRows.js";
import { SelectionBar } from "./selection/selectionBar.js";

/**
 * @typedef {object} App the parts of the page that the toolbar controls
 * @property {import("./access/access.js").Access} access
 * @property {import("../feed/addresses.js").Addresses} addresses
 * @property {import("./panel/board.js").Board} board
 * @property {import("../store/serverClock.js").ServerClock} clock
 * @property {import("../feed/feed.js").Feed} feed
 * @property {(address: string) => Promise<any>} fetchJson
 * @property {import("../format.js").TimeFormat} format
 * @property {import("../feed/historyLoader.js").HistoryLoader} historyLoader
 * @property {import("./seriesLabels.js").SeriesLabels} labels
 * @property {boolean} isShared true below a share link, where nothing is sent or changed
 * @property {import("./seriesSelection.js").SeriesSelection} selection
 * @property {import("./selection/rangeSelection.js").RangeSelection} rangeSelection
 * @property {import("../store/seriesStore.js").SeriesStore} store
 * @property {import("../chart/theme.js").Theme} theme
 * @property {import("./timeWindows.js").TimeWindows} timeWindows
 * @property {import("../view/timeView.js").TimeView} view
 */

/** Milliseconds that the menu shows "Copied". */
const COPIED_SHOWN_MS = 2_000;

/**
 * Connect the toolbar, the menu, their dialogs and the keyboard to the page.
 *
 * @param {App} app
 */
export function setUpToolbar(app) {
  const { format, labels, selection, timeWindows, view } = app;
  setUpMenu();
  const chooser = createSeriesChooser(app);
  const timePicker = new TimePicker(view);
  const table = new ReadingsTable(() => visibleData(app), format, labels);
  const keys = setUpDialog("keys");
  const kiosk = new Kiosk(() => {
    selection.kiosk = kiosk.active;
  });
  kiosk.setActive(selection.kiosk);
  selection.addEventListener("restore", (event) => {
    const { hasNewSeries } = /** @type {CustomEvent} */ (event).detail;
    if (hasNewSeries) app.feed.selectSeries(selection.series);
    kiosk.setActive(selection.kiosk);
  });
  if (!app.isShared) {
    setUpDialog("send");
    fillSnippetLists(app);
  }
  onMenuItem("save-csv", () => saveCsv(app));
  onMenuItem("save-png", () => savePicture(app));
  byId("copy-link").addEventListener("click", () => {
    selection.saveToAddress();
    copyLink();
  });
  setUpKeyboard({
    view,
    togglePause: () => timeWindows.togglePause(),
    ...selectionActions(app),
    showPreset: (index) => timeWindows.showPreset(index),
    openTime: () => timePicker.open(),
    searchSeries: () => {
      if (isOverview()) focusOverviewSearch();
      // A view decides which series it shows.
      else if (document.documentElement.dataset.view === undefined) chooser.open();
    },
    showOverview: () => {
      if (!app.isShared) location.assign(app.addresses.overview);
    },
    showTable: () => table.open(),
    toggleKiosk: () => kiosk.toggle(),
    showKeys: () => keys.open(),
  });
}

/** @param {App} app */
function selectionActions({ addresses, board, fetchJson, format, labels, rangeSelection, view }) {
  const bar = new SelectionBar({ addresses, fetchJson, format, labels, rangeSelection, view });
  const ifSelected = (/** @type {() => void} */ action) => () => {
    const isSelected = rangeSelection.range !== null;
    if (isSelected) action();
    return isSelected;
  };
  return {
    extendSelection: (/** @type {number} */ share) => {
      const panel = board.currentPanel;
      if (panel) rangeSelection.extend(share * view.span, board.currentTime, panel);
    },
    closeSelection: ifSelected(() => rangeSelection.clear()),
    zoomToSelection: ifSelected(() => bar.zoom()),
  };
}

/** @param {App} app @returns {import("./dialogs/readingsTable.js").VisibleData} */
function visibleData({ board, view }) {
  const { from, to, now, live } = view;
  const { shownSeries: series, columnSeconds } = board;
  return { series, from, to, now, live, columnSeconds };
}

/** @param {App} app */
function createSeriesChooser({ addresses, clock, feed, fetchJson, selection, store }) {
  return new SeriesChooser({
    fetchSeries: async () => (await fetchJson(addresses.series)).series,
    selectedNames: () => selection.series ?? [...store.series.keys()],
    shownSeries: (name) => store.series.get(name),
    now: () => clock.now(),
    maxSeries: MAX_SERIES,
    namesThatFit: (names) => feed.namesThatFit(names),
    onSelect: (names) => {
      selection.series = names;
      feed.selectSeries(names);
    },
  });
}

/** @param {App} app */
function fillSnippetLists({ access, addresses }) {
  const { publish = "", command = "" } = byId("send-commands").dataset;
  const fill = () => {
    const needsToken = access.me?.login_required ?? false;
    const snippets = createSnippets(addresses.readings, publish, command, needsToken);
    fillSnippetList(byId("guide-commands"), snippets);
    fillSnippetList(byId("send-commands"), snippets);
    byId("send-token").hidden = !needsToken;
  };
  fill();
  access.addEventListener("change", fill);
}

/** @param {App} app */
async function saveCsv(app) {
  // A window that was chosen just now would have a few live readings only.
  await app.historyLoader.loadAll();
  const { series, from, to, columnSeconds } = visibleData(app);
  const tables = series.map((one) => ({
    name: one.name,
    unit: one.unit,
    kind: one.kind,
    rows: readingRows(one, from, to, columnSeconds),
  }));
  downloadFile(new Blob([formatCsv(tables)], { type: "text/csv" }), exportFileName(to, "csv"));
}

/** @param {App} app */
async function savePicture({ board, format, theme, view }) {
  const picture = await drawPicture(board.pictureCharts(), format.range(view.from, view.to), theme);
  if (picture) downloadFile(picture, exportFileName(view.to, "png"));
}

/**
 * Run an action when a menu item is clicked, and close the menu.
 *
 * @param {string} id of the item
 * @param {() => void} action
 */
function onMenuItem(id, action) {
  byId(id).addEventListener("click", () => {
    byId("menu").hidePopover();
    action();
  });
}

/** Copy the page's address, which restores the view. */
async function copyLink() {
  const label = byId("copy-link-label");
  const announcement = byId("announcement");
  const copied = await copyText(location.href);
  setText(label, copied ? "Copied" : "Copy it from the address bar");
  setText(announcement, copied ? "Link copied" : "Not copied. Copy it from the address bar.");
  setTimeout(() => {
    setText(label, "Copy link to this view");
    setText(announcement, "");
  }, COPIED_SHOWN_MS);
}
