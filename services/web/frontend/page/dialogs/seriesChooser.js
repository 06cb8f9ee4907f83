import { formatAge, formatCount, formatWithUnit } from "../../format.js";
import { byId, createElement } from "../dom.js";
import { setUpDialog } from "./dialog.js";
import { MAX_ROWS, searchSeries } from "./seriesSearch.js";

/** @typedef {import("./seriesSearch.js").ListedSeries} ListedSeries */

/**
 * @typedef {object} SeriesChooserOptions
 * @property {() => Promise<ListedSeries[]>} fetchSeries all series of the server
 * @property {() => string[]} shownNames names of the series on the page
 * @property {() => number} now seconds
 * @property {(names: string[] | null) => void} onSelect null selects automatically
 * @property {number} maxSeries
 */

/** The dialog in which series are searched and selected. */
export class SeriesChooser {
  /** @type {ListedSeries[]} */
  #all = [];
  /** @type {Set<string>} */
  #selected = new Set();
  /** Selected when the dialog opened. They lead the list, so that no row moves under a click. */
  #leading = new Set();

  /** @param {SeriesChooserOptions} options */
  constructor(options) {
    this.options = options;
    const { dialog, open } = setUpDialog("series", () => this.#load());
    this.dialog = dialog;
    this.open = open;
    this.search = /** @type {HTMLInputElement} */ (byId("series-search"));
    this.search.addEventListener("input", () => this.#showRows());
    this.search.addEventListener("keydown", ({ key }) => {
      if (key === "Enter") this.#apply();
    });
    byId("series-apply").addEventListener("click", () => this.#apply());
    byId("series-automatic").addEventListener("click", () => this.#close(null));
    byId("series-select-none").addEventListener("click", () => this.#select([]));
    byId("series-select-found").addEventListener("click", () =>
      this.#select(this.#found().slice(0, options.maxSeries).map(({ name }) => name)),
    );
  }

  async #load() {
    this.#selected = new Set(this.options.shownNames());
    this.#leading = new Set(this.#selected);
    this.search.value = "";
    this.#showFound("Loading …");
    try {
      this.#all = await this.options.fetchSeries();
      this.#showRows();
    } catch {
      this.#showFound("The server does not answer. Close this dialog and try again.");
    }
  }

  /** @param {string} text */
  #showFound(text) {
    byId("series-found").textContent = text;
  }

  #found() {
    return searchSeries(this.#all, this.search.value, this.#leading);
  }

  #showRows() {
    const found = this.#found();
    const listed = found.slice(0, MAX_ROWS);
    byId("series-list").replaceChildren(...listed.map((series) => this.#createRow(series)));
    byId("series-list").scrollTop = 0;
    const count = `${formatCount(found.length)} of ${formatCount(this.#all.length)} series`;
    const limit = found.length > listed.length ? `; only the first ${MAX_ROWS} are listed` : "";
    this.#showFound(found.length ? count + limit : "No series found. Try another name or unit.");
    this.#updateCount();
  }

  /** @param {ListedSeries} series */
  #createRow({ name, unit, last, value }) {
    const box = createElement("input", "");
    box.type = "checkbox";
    box.checked = this.#selected.has(name);
    box.value = name;
    box.addEventListener("change", () => {
      if (box.checked) this.#selected.add(name);
      else this.#selected.delete(name);
      this.#updateCount();
    });
    const label = createElement("bdi", "series-name", name);
    label.title = name;
    const reading = typeof value === "number" ? formatWithUnit(value, unit) : (unit ?? "");
    const age = last ? ` · ${formatAge(this.options.now() - last)}` : "";
    const newest = createElement("span", "chooser-newest", createElement("bdi", "", reading), age);
    return createElement("li", "", createElement("label", "", box, label, newest));
  }

  /** @param {string[]} names */
  #select(names) {
    this.#selected = new Set(names);
    for (const box of this.#boxes()) box.checked = this.#selected.has(box.value);
    this.#updateCount();
  }

  /** @returns {NodeListOf<HTMLInputElement>} */
  #boxes() {
    return byId("series-list").querySelectorAll("input");
  }

  /** Show how many series are selected, and disable the other boxes at the maximum. */
  #updateCount() {
    const { maxSeries } = this.options;
    const isFull = this.#selected.size >= maxSeries;
    for (const box of this.#boxes()) box.disabled = isFull && !box.checked;
    byId("series-selected").textContent = `${this.#selected.size} of at most ${maxSeries} selected`;
    /** @type {HTMLButtonElement} */ (byId("series-apply")).disabled = !this.#selected.size;
  }

  #apply() {
    if (this.#selected.size) this.#close([...this.#selected]);
  }

  /** @param {string[] | null} names */
  #close(names) {
    this.dialog.close();
    this.options.onSelect(names);
  }
}
