import { formatAge, formatCount, formatWithUnit } from "../../format.js";
import { found, MOST_LISTED } from "./seriesSearch.js";
import { dialogOf } from "./dialog.js";
import { byId, element } from "../element.js";

/** @typedef {import("./seriesSearch.js").Listed} Listed */

/**
 * @typedef {object} ChooserParts
 * @property {() => Promise<Listed[]>} list all series of the server
 * @property {() => string[]} shown names of the series that are shown now
 * @property {() => number} now seconds
 * @property {(names: string[] | null) => void} onChoice takes names, or null for the newest
 * @property {number} most series that can be chosen
 */

/** The dialog in which series are searched for and chosen among all. */
export class Chooser {
  /** @type {Listed[]} */
  #all = [];
  /** @type {Set<string>} */
  #chosen = new Set();
  /** Chosen when the dialog was opened: they lead the list, so that nothing jumps under a click. */
  #first = new Set();

  /** @param {ChooserParts} parts */
  constructor(parts) {
    this.parts = parts;
    const { dialog, open } = dialogOf("series", () => this.#fill());
    this.dialog = dialog;
    this.open = open;
    this.search = /** @type {HTMLInputElement} */ (byId("series-search"));
    this.search.addEventListener("input", () => this.#show());
    this.search.addEventListener("keydown", ({ key }) => {
      if (key === "Enter") this.#choose();
    });
    byId("series-apply").addEventListener("click", () => this.#choose());
    byId("series-automatic").addEventListener("click", () => this.#done(null));
    byId("series-select-none").addEventListener("click", () => this.#take([]));
    byId("series-select-found").addEventListener("click", () =>
      this.#take(this.#found().slice(0, parts.most).map(({ name }) => name)),
    );
  }

  async #fill() {
    this.#chosen = new Set(this.parts.shown());
    this.#first = new Set(this.#chosen);
    this.search.value = "";
    byId("series-found").textContent = "Asking the server …";
    try {
      this.#all = await this.parts.list();
      this.#show();
    } catch {
      byId("series-found").textContent = "The server does not answer.";
    }
  }

  #found() {
    return found(this.#all, this.search.value, this.#first);
  }

  #show() {
    const all = this.#found();
    const listed = all.slice(0, MOST_LISTED);
    byId("series-list").replaceChildren(...listed.map((one) => this.#row(one)));
    byId("series-list").scrollTop = 0;
    const count = `${formatCount(all.length)} of ${formatCount(this.#all.length)} series`;
    const rest = all.length > listed.length ? `, the first ${MOST_LISTED} are listed` : "";
    byId("series-found").textContent = all.length ? count + rest : "No series has such a name.";
    this.#count();
  }

  /** @param {Listed} listed */
  #row({ name, unit, last, value }) {
    const box = element("input", "");
    box.type = "checkbox";
    box.checked = this.#chosen.has(name);
    box.value = name;
    box.addEventListener("change", () => {
      if (box.checked) this.#chosen.add(name);
      else this.#chosen.delete(name);
      this.#count();
    });
    const told = typeof value === "number" ? formatWithUnit(value, unit) : (unit ?? "");
    const age = last ? ` · ${formatAge(this.parts.now() - last)}` : "";
    const text = element("bdi", "series-name", name);
    text.title = name;
    const latest = element("span", "chooser-latest", element("bdi", "", told), age);
    return element("li", "", element("label", "", box, text, latest));
  }

  /** @param {string[]} names */
  #take(names) {
    this.#chosen = new Set(names);
    for (const box of this.#boxes()) box.checked = this.#chosen.has(box.value);
    this.#count();
  }

  /** @returns {NodeListOf<HTMLInputElement>} */
  #boxes() {
    return byId("series-list").querySelectorAll("input");
  }

  /** No more can be chosen than are drawn. */
  #count() {
    const { most } = this.parts;
    const full = this.#chosen.size >= most;
    for (const box of this.#boxes()) box.disabled = full && !box.checked;
    byId("series-selected").textContent = `${this.#chosen.size} chosen, ${most} at most`;
    /** @type {HTMLButtonElement} */ (byId("series-apply")).disabled = !this.#chosen.size;
  }

  #choose() {
    if (this.#chosen.size) this.#done([...this.#chosen]);
  }

  /** @param {string[] | null} names */
  #done(names) {
    this.dialog.close();
    this.parts.onChoice(names);
  }
}
