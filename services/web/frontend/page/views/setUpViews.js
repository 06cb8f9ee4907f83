import { formatRange } from "../../view/timeRange.js";
import { setUpDialog } from "../dialogs/dialog.js";
import { byId, createElement, setText } from "../dom.js";
import { downloadFile } from "../export/download.js";
import { parseViewFile } from "./viewFile.js";
import { nameOfTitle, viewOfSpecs } from "./viewDocument.js";
import { ViewEditor } from "./viewEditor.js";
import { ViewPage } from "./viewPage.js";
import { ViewRefusedError, ViewsClient } from "./viewsClient.js";
import { ViewSaveDialog } from "./viewSaveDialog.js";

/** @typedef {import("./viewDocument.js").ViewDocument} ViewDocument */
/**
 * @typedef {object} ViewParts the parts of the page that views use
 * @property {import("../../feed/addresses.js").Addresses} addresses
 * @property {import("../panel/board.js").Board} board
 * @property {import("../../feed/feed.js").Feed} feed
 * @property {(address: string, options?: RequestInit) => Promise<Response>} fetch
 * @property {(address: string) => Promise<any>} fetchJson
 * @property {import("../seriesSelection.js").SeriesSelection} selection
 * @property {import("../../view/timeView.js").TimeView} view
 * @property {(title: string) => void} setTitle sets the title of the page
 */

/**
 * Connect the menu to named views, and show the view that the page is for.
 *
 * @param {ViewParts} parts
 * @returns {{ start: () => void, onViews: (names: string[] | null) => void,
 *             shared: () => { name: string, title: string } | null }} `start` loads the series; `onViews` must be
 *   called with the names of changed views, null if they are unknown; `shared` returns the
 *   view that the page is for
 */
export function setUpViews(parts) {
  const { addresses, feed, fetchJson, selection } = parts;
  const client = new ViewsClient(addresses, parts.fetch);
  const name = document.documentElement.dataset.view;
  const page = name === undefined ? null : new ViewPage(name, {
    ...parts,
    client,
    fetchSeries: async () => (await fetchJson(addresses.series)).series,
  });
  const editor = page && new ViewEditor(page, client);
  const saveDialog = new ViewSaveDialog(client, (saved) => {
    location.assign(addresses.viewPage(saved));
  });
  setUpMenuList(client, name);
  setUpImport(saveDialog);
  byId("open-view-save").addEventListener("click", () => {
    saveDialog.open(page?.shown ?? shownView(parts), "Save as view");
  });
  if (page) setUpOwnEntries(page, client);
  parts.board.onPanelAdded = (panel) => {
    if (!editor) return;
    const entry = panel.addMenuEntry("Edit panel", () => editor.editPanel(panel.id));
    entry.dataset.needs = "write";
  };
  return {
    shared: () => page && { name: page.name, title: page.title },
    start() {
      if (page) {
        page.start();
        return;
      }
      feed.selectSeries(selection.series);
      feed.start();
    },
    async onViews(names) {
      if (!page?.isStarted || names?.includes(page.name) === false) return;
      const before = page.saved?.revision;
      await page.readSaved();
      if (page.saved?.revision === before) return;
      if (editor?.isChanged) editor.showConflict();
      else if (page.saved) editor?.replace(page.saved);
    },
  };
}

/**
 * Make a view of what the page shows now.
 *
 * @param {ViewParts} parts
 * @returns {ViewDocument}
 */
function shownView({ board, selection, view }) {
  const specs = board.panels.map(({ spec, unit, shownSeries }) => ({
    ...spec,
    series: shownSeries.map(({ name }) => name),
    limits: selection.limitTextsOf(unit, spec.limits),
  }));
  const window = view.live ? formatRange(view.range) : null;
  return viewOfSpecs(specs, { title: "", window, columns: board.columns });
}

/**
 * List all views in the menu.
 *
 * @param {ViewsClient} client
 * @param {string | undefined} current name of the page's view
 */
function setUpMenuList(client, current) {
  const list = byId("menu-views");
  let shown = "";
  const update = async () => {
    const views = await client.list().catch(() => []);
    const text = JSON.stringify(views);
    if (text === shown) return;
    shown = text;
    const links = views.map(({ name, title }) => {
      const link = createElement("a", "", createElement("bdi", "", title || name));
      link.href = client.addresses.viewPage(name);
      if (name === current) link.setAttribute("aria-current", "page");
      return link;
    });
    if (current !== undefined) {
      const home = createElement("a", "", "All charts");
      home.href = client.addresses.root.href;
      links.unshift(home);
    }
    list.replaceChildren(...links);
    list.hidden = !links.length;
  };
  // The list is there before the menu opens, so that its entries do not move under the mouse.
  for (const type of ["pointerenter", "focus"]) byId("open-menu").addEventListener(type, update);
  byId("menu").addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState === "open") update();
  });
}

/** @param {ViewSaveDialog} saveDialog */
function setUpImport(saveDialog) {
  const input = /** @type {HTMLInputElement} */ (byId("import-view-file"));
  byId("import-view").addEventListener("click", () => input.click());
  input.addEventListener("change", async () => {
    const [file] = input.files ?? [];
    input.value = "";
    if (!file) return;
    const { view, fault } = parseViewFile(await file.text());
    const name = nameOfTitle(file.name.replace(/\.json$/i, ""));
    saveDialog.open(view, "Import a view", name);
    if (fault) setText(byId("view-save-error"), fault);
  });
}

/**
 * Connect the menu's entries for the view of this page.
 *
 * @param {ViewPage} page
 * @param {ViewsClient} client
 */
function setUpOwnEntries(page, client) {
  byId("export-view").addEventListener("click", () => {
    byId("menu").hidePopover();
    if (!page.saved) return;
    const text = `${JSON.stringify(page.saved, null, 2)}\n`;
    downloadFile(new Blob([text], { type: "application/json" }), `${page.name}.json`);
  });
  const deletion = setUpDialog("view-delete", () => setText(byId("view-delete-error"), ""));
  byId("view-delete-confirm").addEventListener("click", async () => {
    try {
      await client.remove(page.name, page.saved?.revision ?? null);
      deletion.dialog.close();
      location.assign(client.addresses.root.href);
    } catch (error) {
      if (!(error instanceof ViewRefusedError)) throw error;
      setText(byId("view-delete-error"), `Not deleted. ${error.message}`);
    }
  });
}
