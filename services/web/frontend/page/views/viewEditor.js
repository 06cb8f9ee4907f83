import { CALENDAR_WINDOWS } from "../../view/calendarWindows.js";
import { labelWindow, RANGE_PRESETS } from "../../view/timeRange.js";
import { byId, createElement, setText } from "../dom.js";
import { PanelForm } from "./panelForm.js";
import { PanelList } from "./panelList.js";
import { newPanel, withPanel, withPanelAt, withoutPanel } from "./viewDocument.js";
import { ViewRefusedError } from "./viewsClient.js";

/** @typedef {import("./viewDocument.js").ViewDocument} ViewDocument */
/** @typedef {import("./viewDocument.js").ViewPanel} ViewPanel */

/** Edits the view of the page: a draft is shown at once, and saved when somebody says so. */
export class ViewEditor {
  /** The edited view; null while nobody edits. @type {ViewDocument | null} */
  #draft = null;
  /** Revision of the other version in a conflict; null if the view was deleted. */
  #otherRevision = /** @type {number | null} */ (null);

  /**
   * @param {import("./viewPage.js").ViewPage} page
   * @param {import("./viewsClient.js").ViewsClient} client
   */
  constructor(page, client) {
    this.page = page;
    this.client = client;
    this.bar = byId("view-bar");
    this.title = /** @type {HTMLInputElement} */ (byId("view-edit-title"));
    this.window = /** @type {HTMLSelectElement} */ (byId("view-edit-window"));
    this.columns = /** @type {HTMLSelectElement} */ (byId("view-edit-columns"));
    this.form = new PanelForm({
      series: () => page.series,
      onApply: (panel) => this.#change((draft) => withPanel(draft, panel)),
    });
    this.list = new PanelList(byId("view-panels"), {
      edit: (panel) => this.form.open(panel, "Edit panel"),
      remove: (id) => this.#change((draft) => withoutPanel(draft, id)),
      move: (id, position) => this.#change((draft) => withPanelAt(draft, id, position)),
    });
    this.window.replaceChildren(
      createElement("option", "", "The visitor’s choice"),
      ...RANGE_PRESETS.map(({ name }) => createOption(name, labelWindow(name))),
      ...CALENDAR_WINDOWS.map(({ name, text }) => createOption(name, text)),
    );
    /** @type {HTMLOptionElement} */ (this.window.options[0]).value = "";
    this.#listen();
  }

  #listen() {
    const onField = () => this.#change((draft) => ({ ...draft, ...this.#fields() }));
    this.title.addEventListener("input", onField);
    this.window.addEventListener("change", onField);
    this.columns.addEventListener("change", onField);
    byId("edit-view").addEventListener("click", () => {
      byId("menu").hidePopover();
      this.begin();
    });
    byId("view-add-panel").addEventListener("click", () => this.addPanel());
    byId("view-cancel").addEventListener("click", () => this.#leave(this.page.saved));
    byId("view-store").addEventListener("click", () => this.#save());
    byId("view-load-other").addEventListener("click", () => this.#loadOther());
    byId("view-save-mine").addEventListener("click", () => this.#save(this.#otherRevision));
    window.addEventListener("beforeunload", (event) => {
      if (this.isChanged) event.preventDefault();
    });
  }

  /** True while somebody edits. */
  get isOpen() {
    return this.#draft !== null;
  }

  /** True if there are changes that are not saved. */
  get isChanged() {
    return this.#draft !== null && !isEqual(this.#draft, this.page.saved);
  }

  /** Begin to edit the view. */
  begin() {
    const { shown } = this.page;
    if (this.#draft || !shown) return;
    this.#draft = shown;
    this.#showFields(shown);
    this.bar.hidden = false;
    this.title.focus();
    // The bar is above all charts, and must not stay below the page's head.
    window.scrollTo(0, 0);
  }

  /** Ask for a new panel. */
  addPanel() {
    this.begin();
    if (this.#draft) this.form.open(newPanel(this.#draft), "Add panel");
  }

  /**
   * Edit a panel of the view.
   *
   * @param {string} id
   */
  editPanel(id) {
    this.begin();
    const panel = this.#draft?.panels.find((one) => one.id === id);
    if (panel) this.form.open(panel, "Edit panel");
  }

  /** Show that somebody else has saved the view while it is edited. */
  showConflict() {
    this.#otherRevision = this.page.saved?.revision ?? null;
    const isDeleted = this.#otherRevision === null;
    const title = isDeleted ? "Somebody else has deleted this view." : null;
    setText(byId("view-conflict-title"), title ?? "Somebody else has changed this view.");
    byId("view-load-other").hidden = isDeleted;
    byId("view-conflict").hidden = false;
  }

  /**
   * Show a version that somebody else has saved; nobody has changed the draft.
   *
   * @param {ViewDocument} view
   */
  replace(view) {
    this.page.showSaved(view);
    if (!this.#draft) return;
    this.#draft = view;
    this.#showFields(view);
  }

  /** @param {(draft: ViewDocument) => ViewDocument} edit */
  #change(edit) {
    if (!this.#draft) return;
    this.#draft = edit(this.#draft);
    this.list.show(this.#draft.panels);
    this.page.show(this.#draft);
    this.#showState("");
  }

  /** @returns {Pick<ViewDocument, "title" | "window" | "columns">} */
  #fields() {
    return {
      title: this.title.value.trim(),
      window: this.window.value || null,
      columns: Number(this.columns.value) || null,
    };
  }

  /** @param {ViewDocument} view */
  #showFields(view) {
    this.title.value = view.title;
    this.title.placeholder = this.page.name;
    const isListed = [...this.window.options].some(({ value }) => value === view.window);
    if (view.window && !isListed) this.window.append(createElement("option", "", view.window));
    this.window.value = view.window ?? "";
    this.columns.value = String(view.columns ?? "");
    this.list.show(view.panels);
    this.#showState("");
  }

  /** @param {string} text */
  #showState(text) {
    setText(byId("view-edit-status"), text || (this.isChanged ? "Not saved yet." : ""));
  }

  /**
   * Save the draft, by default in place of the version that it began with.
   *
   * @param {number | null} [revision] of the version to replace
   */
  async #save(revision = this.#draft?.revision ?? null) {
    if (!this.#draft) return;
    const draft = { ...this.#draft, revision };
    this.#showState("Saving …");
    try {
      const saved = await this.client.save(this.page.name, draft);
      this.#leave({ ...draft, revision: saved.revision });
    } catch (error) {
      if (!(error instanceof ViewRefusedError)) throw error;
      if (!error.isConflict) {
        this.#showState(`Not saved. ${error.message}`);
        return;
      }
      await this.page.readSaved();
      this.#showState("Not saved.");
      this.showConflict();
      byId(this.page.saved ? "view-load-other" : "view-save-mine").focus();
    }
  }

  async #loadOther() {
    await this.page.readSaved();
    this.#leave(this.page.saved);
  }

  /** @param {ViewDocument | null} view to show from now on */
  #leave(view) {
    this.#draft = null;
    this.bar.hidden = byId("view-conflict").hidden = true;
    if (view) this.page.showSaved(view);
    byId("open-menu").focus();
  }
}

/**
 * @param {string} name of a time window
 * @param {string} text
 */
function createOption(name, text) {
  const option = createElement("option", "", text);
  option.value = name;
  return option;
}

/**
 * @param {ViewDocument} view
 * @param {ViewDocument | null} other
 */
const isEqual = (view, other) => JSON.stringify(view) === JSON.stringify(other);
