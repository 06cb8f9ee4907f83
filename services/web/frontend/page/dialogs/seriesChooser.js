import { formatAge, formatCount, formatSeriesValue } from "../../format.js";
import { byId, createElement } from "../dom.js";
import { setUpDialog } from "./dialog.js";
import { indexSeries, MAX_ROWS, searchSeries } from "./seriesSearch.js";

/** @typedef {import("./seriesSearch.js").ListedSeries} ListedSeries */
/** @typedef {import("./seriesSearch.js").IndexedSeries} IndexedSeries */
/** @typedef {import("../../format.js").ValueSource} ValueSource */

/**
 * @typedef {object} SeriesChooserOptions
 * @property {() => Promise<ListedSeries[]>} fetchSeries all series of the server
 * @property {() => string[]} selectedNames names of the series that are shown or were chosen
 * @property {(name: string) => ValueSource | undefined} shownSeries a series if it is shown
 * @property {() => number} now seconds
 * @property {(names: string[] | null) => void} onSelect null selects automatically
 * @property {(names: string[]) => string[]} namesThatFit the first names that the page can show
 * @property {number} maxSeries
 */

/** The dialog in which series are searched and selected. */
export class SeriesChooser {
  /** @type {IndexedSeries[]} */
  #index = [];
  /** @type {IndexedSeries[]} */
  #found = [];
  /** @type {Set<string>} */
  #selected = new Set();
  /** Selected when the dialog opened. They lead the list, so that no row moves under a click. */
  #leading = new Set();
  /** Position of the highlighted row in the list; -1 for none. */
  #highlighted = -1;
  #isLoaded = false;
  /** True if Enter was pressed before the list arrived. */
  #isEntered = false;
  /** True once a box was ticked or cleared: Enter then keeps the ticked series. */
  #isChanged = false;

  /** @param {SeriesChooserOptions} options */
  constructor(options) {
    this.options = options;
    const { dialog, open } = setUpDialog("series", () => this.#load());
    this.dialog = dialog;
    this.open = open;
    this.list = byId("series-list");
    this.search = /** @type {HTMLInputElement} */ (byId("series-search"));
    this.search.addEventListener("input", () => this.#showRows());
    dialog.addEventListener("keydown", (event) => this.#onKey(event));
    this.list.addEventListener("change", () => this.#onTick());
    byId("series-apply").addEventListener("click", () => this.#apply());
    byId("series-automatic").addEventListener("click", () => this.#close(null));
    byId("series-select-none").addEventListener("click", () => this.#select([]));
    byId("series-select-found").addEventListener("click", () => this.#select(this.#withFound()));
  }

  async #load() {
    this.#selected = new Set(this.options.selectedNames());
    this.#leading = new Set(this.#selected);
    this.#isLoaded = this.#isEntered = this.#isChanged = false;
    this.search.value = "";
    this.#showFound("Loading …");
    try {
      this.#index = indexSeries(await this.options.fetchSeries());
    } catch {
      this.#showFound("The server does not answer. Close this dialog and try again.");
      return;
    }
    this.#isLoaded = true;
    this.#showRows();
    if (this.#isEntered && this.dialog.open) this.#enter();
  }

  /** @param {string} text */
  #showFound(text) {
    byId("series-found").textContent = text;
  }

  #showRows() {
    if (!this.#isLoaded) return;
    this.#found = searchSeries(this.#index, this.search.value, this.#leading);
    const listed = this.#found.slice(0, MAX_ROWS);
    this.list.replaceChildren(...listed.map((one) => this.#createRow(one)));
    this.list.scrollTop = 0;
    const found = this.#found.length;
    const count = `${formatCount(found)} of ${formatCount(this.#index.length)} series`;
    const limit = found > listed.length ? `; only the first ${MAX_ROWS} are listed` : "";
    this.#showFound(found ? count + limit : "No series found. Try another name, tag or unit.");
    this.#highlight(this.search.value.trim() && found ? 0 : -1);
    this.#update();
  }

  /** @param {IndexedSeries} found */
  #createRow({ series, label }) {
    const { name, unit, last, value } = series;
    const box = createElement("input", "");
    box.type = "checkbox";
    box.checked = this.#selected.has(name);
    box.value = name;
    const text = createElement("bdi", "series-name", label);
    text.title = name;
    // The chart may have found out that the series needs other digits than the list says.
    const source = this.options.shownSeries(name) ?? series;
    const reading = typeof value === "number" ? formatSeriesValue(source, value) : (unit ?? "");
    const age = last ? ` · ${formatAge(this.options.now() - last)}` : "";
    const newest = createElement("span", "chooser-newest", createElement("bdi", "", reading), age);
    return createElement("li", "", createElement("label", "", box, text, newest));
  }

  /** @returns {HTMLInputElement[]} the boxes of the listed series */
  get #boxes() {
    return [...this.list.querySelectorAll("input")];
  }

  /** @param {number} position of a row; -1 for none */
  #highlight(position) {
    this.#highlighted = position;
    for (const [i, row] of [...this.list.children].entries()) {
      row.classList.toggle("highlighted", i === position);
      if (i === position) row.scrollIntoView({ block: "nearest" });
    }
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const { key, target } = event;
    const step = { ArrowDown: 1, ArrowUp: -1 }[key] ?? 0;
    if (step) {
      const last = this.list.children.length - 1;
      this.#highlight(Math.max(Math.min(0, last), Math.min(last, this.#highlighted + step)));
      this.search.focus();
    } else if (key === "Enter" && target instanceof HTMLInputElement) {
      if (event.shiftKey) this.#boxes[this.#highlighted]?.click();
      else if (target === this.search) this.#enter();
      else this.#apply();
    } else return;
    event.preventDefault();
    this.#update();
  }

  /** Series that Enter in the search shows. @returns {string[]} */
  #enteredNames() {
    const name = this.#found[this.#highlighted]?.series.name;
    if (!this.#isChanged && name !== undefined) return [name];
    return [...new Set([...this.#selected, ...(name === undefined ? [] : [name])])];
  }

  #enter() {
    this.#isEntered = true;
    // A search that finds nothing stays open, so that it can be corrected.
    if (!this.#isLoaded || !this.#found.length) return;
    this.#applyNames(this.#enteredNames());
  }

  #onTick() {
    this.#isChanged = true;
    for (const { checked, value } of this.#boxes) {
      if (checked) this.#selected.add(value);
      else this.#selected.delete(value);
    }
    this.#update();
  }

  /** Selected and found series together. @returns {string[]} */
  #withFound() {
    const found = this.#found.map(({ series }) => series.name);
    return [...new Set([...this.#selected, ...found])];
  }

  /** @param {string[]} names */
  #select(names) {
    this.#isChanged = true;
    this.#selected = new Set(names);
    for (const box of this.#boxes) box.checked = this.#selected.has(box.value);
    this.#update();
  }

  /** Show how many series are selected, what Enter does, and why the page can't show them. */
  #update() {
    const { maxSeries } = this.options;
    const names = [...this.#selected];
    byId("series-selected").textContent = selectedText(names.length, this.#room(names), maxSeries);
    setDisabled("series-apply", !this.#canShow(names));
    const withFound = this.#withFound();
    setDisabled("series-select-found", !this.#found.length || !this.#canShow(withFound));
    byId("series-select-found").title = this.#canShow(withFound)
      ? "Add the series found to those selected"
      : `At most ${maxSeries} series can be shown. Narrow the search.`;
    byId("series-hint").textContent = this.#hint();
  }

  /** @param {string[]} names @returns {number} how many of them the page can show */
  #room(names) {
    return this.options.namesThatFit(names).length;
  }

  /** @param {string[]} names */
  #canShow(names) {
    return names.length > 0 && names.length === this.#room(names);
  }

  /** Say what the keys do now. */
  #hint() {
    const highlighted = this.#found[this.#highlighted];
    if (!highlighted) return "Type to search. Enter applies the selection.";
    const { series, label } = highlighted;
    const enter = this.#isChanged
      ? `Enter shows the ${this.#enteredNames().length} selected, with ${label}.`
      : `Enter shows only ${label}.`;
    const tick = this.#selected.has(series.name) ? "clears" : "ticks";
    return `${enter} Shift+Enter ${tick} its box, ↑ ↓ choose another one.`;
  }

  #apply() {
    this.#applyNames([...this.#selected]);
  }

  /** @param {string[]} names */
  #applyNames(names) {
    if (this.#canShow(names)) this.#close(names);
  }

  /** @param {string[] | null} names */
  #close(names) {
    this.dialog.close();
    this.options.onSelect(names);
  }
}

/**
 * @param {number} count selected series
 * @param {number} room how many of them the page can show
 * @param {number} maxSeries
 */
function selectedText(count, room, maxSeries) {
  if (count <= room) return `${count} of at most ${maxSeries} selected`;
  const limit =
    room < maxSeries ? `The address has room for ${room}` : `At most ${maxSeries} can be shown`;
  return `${formatCount(count)} selected. ${limit}: clear ${formatCount(count - room)}.`;
}

/**
 * @param {string} id of a button
 * @param {boolean} disabled
 */
function setDisabled(id, disabled) {
  /** @type {HTMLButtonElement} */ (byId(id)).disabled = disabled;
}
