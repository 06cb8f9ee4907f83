import { MAX_SERIES } from "../store/seriesStore.js";
import { Chooser } from "./dialogs/seriesChooser.js";
import { copy } from "./export/clipboard.js";
import { csvOf } from "./export/csv.js";
import { dialogOf, placeMenu } from "./dialogs/dialog.js";
import { fileName, save } from "./export/download.js";
import { byId, write } from "./element.js";
import { fillGuide } from "./dialogs/guide.js";
import { listenToKeys } from "./keyboard.js";
import { Kiosk } from "./kiosk.js";
import { pictureOf } from "./export/picture.js";
import { rowsOf } from "./export/rows.js";
import { snippetsOf } from "./dialogs/snippets.js";
import { Table } from "./panel/table.js";

/**
 * @typedef {object} House the parts of the page that its tools work on
 * @property {import("../feed/addresses.js").Addresses} addresses
 * @property {import("./panel/board.js").Board} board
 * @property {import("../store/serverClock.js").ServerClock} clock
 * @property {import("../feed/feed.js").Feed} feed
 * @property {(address: string) => Promise<any>} fetchJson
 * @property {import("../format.js").TimeFormat} format
 * @property {import("./seriesSelection.js").Selection} selection
 * @property {import("../store/seriesStore.js").SeriesStore} store
 * @property {import("../chart/theme.js").Theme} theme
 * @property {import("../view/timeView.js").TimeView} view
 * @property {import("./timeWindows.js").Windows} windows
 */

/** Milliseconds for which the menu says that the link is copied. */
const SAID = 2_000;

/**
 * Put up everything that a person can press beside the charts.
 *
 * @param {House} house
 */
export function furnish(house) {
  const { board, format, selection, view, windows } = house;
  placeMenu();
  const chooser = chooserOf(house);
  const table = new Table(() => visible(house), format);
  const help = dialogOf("keys");
  dialogOf("send");
  const kiosk = new Kiosk(() => {
    selection.kiosk = kiosk.on;
  });
  kiosk.set(selection.kiosk);
  putSnippets(house);
  onMenu("save-csv", () => {
    const { series, from, to, column } = visible(house);
    const all = series.map((one) => ({
      name: one.name,
      unit: one.unit,
      rows: rowsOf(one, from, to, column),
    }));
    save(new Blob([csvOf(all)], { type: "text/csv" }), fileName(view.to, "csv"));
  });
  onMenu("save-png", async () => {
    const blob = await pictureOf(board.figures, format.range(view.from, view.to), house.theme);
    if (blob) save(blob, fileName(view.to, "png"));
  });
  byId("copy-link").addEventListener("click", () => {
    selection.write();
    copyLink();
  });
  listenToKeys({
    view,
    toggle: () => windows.toggle(),
    preset: (place) => windows.choose(place),
    search: () => chooser.open(),
    table: () => table.open(),
    kiosk: () => kiosk.toggle(),
    help: () => help.open(),
  });
}

/** @param {House} house */
function visible({ board, view }) {
  return { series: board.shown, from: view.from, to: view.to, column: board.column };
}

/** @param {House} house */
function chooserOf({ addresses, clock, feed, fetchJson, selection, store }) {
  return new Chooser({
    list: async () => (await fetchJson(addresses.series)).series,
    shown: () => [...store.series.keys()],
    now: () => clock.now(),
    most: MAX_SERIES,
    onChoice: (names) => {
      selection.series = names;
      feed.selectSeries(names);
    },
  });
}

/** @param {House} house */
function putSnippets({ addresses }) {
  const { publish = "", command = "" } = byId("send-commands").dataset;
  const snippets = snippetsOf(addresses.readings, publish, command);
  fillGuide(byId("guide-commands"), snippets);
  fillGuide(byId("send-commands"), snippets);
}

/**
 * @param {string} id of a button in the menu, which closes
 * @param {() => void} action
 */
function onMenu(id, action) {
  byId(id).addEventListener("click", () => {
    byId("menu").hidePopover();
    action();
  });
}

/** The address has all that was chosen, so it shows the same to whoever opens it. */
async function copyLink() {
  const done = await copy(location.href);
  write("copy-link-label", done ? "Copied" : "Copy it from the address bar");
  write("announcement", done ? "The link is copied" : "The link could not be copied");
  setTimeout(() => {
    write("copy-link-label", "Copy link to this view");
    write("announcement", "");
  }, SAID);
}
