import { indexSeries, searchSeries } from "../dialogs/seriesSearch.js";
import { setUpDialog } from "../dialogs/dialog.js";
import { byId, createElement, setText } from "../dom.js";
import { parsePanelFields } from "./panelFields.js";
import { matchingNames } from "./selectors.js";
import { typeForSeries } from "./viewDocument.js";

/** @typedef {import("./viewDocument.js").ViewPanel} ViewPanel */
/** @typedef {import("../dialogs/seriesSearch.js").ListedSeries} ListedSeries */

/** Series that a search lists. */
const MAX_FOUND = 12;

/** The dialog in which a panel of a view is edited. */
export class PanelForm {
  /** @type {ViewPanel | null} */
  #panel = null;
  /** @type {import("../dialogs/seriesSearch.js").IndexedSeries[]} */
  #index = [];
  /** True while the series choose the type. */
  #isTypeAutomatic = false;

  /**
   * @param {object} options
   * @param {() => ListedSeries[]} options.series all series of the server
   * @param {(panel: ViewPanel) => void} options.onApply
   */
  constructor(options) {
    this.options = options;
    this.dialog = setUpDialog("panel-form");
    this.series = /** @type {HTMLTextAreaElement} */ (byId("panel-series"));
    this.search = input("panel-search");
    byId("panel-form-fields").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#apply();
    });
    byId("panel-form-fields").addEventListener("input", (event) => this.#onInput(event));
    this.search.addEventListener("keydown", (event) => this.#onSearchKey(event));
  }

  /**
   * @param {ViewPanel} panel
   * @param {string} title of the dialog
   */
  open(panel, title) {
    this.#panel = panel;
    this.#index = indexSeries(this.options.series());
    byId("panel-form-title").textContent = title;
    input("panel-title").value = panel.title ?? "";
    input("panel-type").value = panel.type;
    this.#isTypeAutomatic = !panel.series.length && !panel.tags.length;
    this.series.value = panel.series.join("\n");
    input("panel-tags").value = panel.tags.join("\n");
    input("panel-limits").value = panel.limits.join(", ");
    input("panel-scale").value = panel.axis.scale;
    input("panel-min").value = String(panel.axis.min ?? "");
    input("panel-max").value = String(panel.axis.max ?? "");
    input("panel-zero").checked = panel.axis.zero;
    input("panel-band").checked = panel.band;
    input("panel-per").value = panel.per ?? "";
    this.search.value = "";
    this.#showFound();
    this.#update();
    this.dialog.open();
  }

  /** @param {Event} event */
  #onInput({ target }) {
    if (target === this.search) this.#showFound();
    if (target === input("panel-type")) this.#isTypeAutomatic = false;
    this.#update();
  }

  /** Show what the fields do now, and which of them the type of the panel has. */
  #update() {
    const all = this.options.series();
    const { panel } = parsePanelFields(this.#fields());
    const names = matchingNames(panel, all);
    if (this.#isTypeAutomatic) {
      const matching = new Set(names);
      input("panel-type").value = typeForSeries(all.filter(({ name }) => matching.has(name)));
    }
    const type = input("panel-type").value;
    for (const part of this.dialog.dialog.querySelectorAll("[data-types]")) {
      const types = /** @type {HTMLElement} */ (part).dataset.types ?? "";
      part.toggleAttribute("hidden", !types.split(" ").includes(type));
    }
    const examples = names.slice(0, 3).join(", ");
    const more = names.length > 3 ? " …" : "";
    const count = names.length === 1 ? "1 series matches" : `${names.length} series match`;
    setText(byId("panel-matches"), names.length ? `${count}: ${examples}${more}` : `${count}.`);
    setText(byId("panel-error"), "");
  }

  #showFound() {
    const search = this.search.value.trim();
    const found = search ? searchSeries(this.#index, search, new Set()) : [];
    const rows = found.slice(0, MAX_FOUND).map(({ series: { name }, label }) => {
      const button = createElement("button", "", createElement("bdi", "", label));
      button.type = "button";
      button.title = name;
      button.addEventListener("click", () => this.#addSeries(name));
      return createElement("li", "", button);
    });
    byId("panel-found").replaceChildren(...rows);
  }

  /** @param {KeyboardEvent} event */
  #onSearchKey(event) {
    if (event.key !== "Enter") return;
    event.preventDefault();
    byId("panel-found").querySelector("button")?.click();
  }

  /** @param {string} name */
  #addSeries(name) {
    const lines = this.series.value.split("\n").filter((line) => line.trim() !== "");
    this.series.value = [...new Set([...lines, name])].join("\n");
    this.search.value = "";
    this.search.focus();
    this.#showFound();
    this.#update();
  }

  /** @returns {import("./panelFields.js").PanelFields} */
  #fields() {
    return {
      title: input("panel-title").value,
      type: input("panel-type").value,
      series: this.series.value,
      tags: input("panel-tags").value,
      limits: input("panel-limits").value,
      scale: input("panel-scale").value,
      min: input("panel-min").value,
      max: input("panel-max").value,
      zero: input("panel-zero").checked,
      band: input("panel-band").checked,
      per: input("panel-per").value,
    };
  }

  #apply() {
    const { panel, fault } = parsePanelFields(this.#fields());
    if (fault) {
      setText(byId("panel-error"), fault.text);
      byId(fault.field).focus();
      return;
    }
    if (!this.#panel) return;
    this.options.onApply({ ...this.#panel, ...panel });
    this.dialog.dialog.close();
  }
}

/**
 * Return a field; selects and text areas have what the form uses of an input.
 *
 * @param {string} id
 */
const input = (id) => /** @type {HTMLInputElement} */ (byId(id));
