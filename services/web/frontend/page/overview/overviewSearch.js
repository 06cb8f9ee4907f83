import { formatCount } from "../../format.js";
import { indexSeries, searchSeries } from "../dialogs/seriesSearch.js";
import { byId, setText } from "../dom.js";

/** @typedef {import("./overviewSeries.js").ListedSeries} ListedSeries */

/** The search field of the overview, and the series that its keys highlight. */
export class OverviewSearch {
  input = /** @type {HTMLInputElement} */ (byId("overview-search"));
  #index = indexSeries([]);
  #seriesCount = 0;
  /** The series on the page, in their order. @type {ListedSeries[]} */
  #shown = [];
  /** Position of the highlighted series among those shown; -1 for none. */
  #highlighted = -1;

  /**
   * @param {object} options
   * @param {import("./overviewList.js").OverviewList} options.list highlights a series
   * @param {(name: string) => void} options.onOpen
   * @param {() => void} options.onChange
   */
  constructor(options) {
    this.options = options;
    this.input.addEventListener("input", () => options.onChange());
    this.input.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** What is searched for. */
  get text() {
    return this.input.value.trim();
  }

  set text(text) {
    this.input.value = text;
  }

  /** @param {ListedSeries[]} list all series of the server */
  useList(list) {
    this.#index = indexSeries(list);
    this.#seriesCount = list.length;
    this.input.placeholder = `Search ${formatCount(list.length)} series`;
  }

  /** Return the series found, or all of them without a search. */
  find() {
    return searchSeries(this.#index, this.text, new Set()).map(({ series }) => series);
  }

  /**
   * Take over which series the page shows, and highlight the first one of a search.
   *
   * @param {ListedSeries[]} shown
   */
  show(shown) {
    this.#shown = shown;
    this.#highlight(this.text && shown.length ? 0 : -1);
  }

  /** @param {number} position among the series shown; -1 for none */
  #highlight(position) {
    this.#highlighted = position;
    const { list } = this.options;
    const series = this.#shown[position];
    list.highlight(series ? series.name : null);
    const total = `${formatCount(this.#seriesCount)} series`;
    const count = this.text ? `${formatCount(this.#shown.length)} of ${total}` : total;
    const none = "No series found. Try another name, tag or unit.";
    const enter = series ? ` Enter opens ${list.labelOf(series.name)}.` : "";
    setText(byId("overview-found"), this.#shown.length ? `${count}.${enter}` : none);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? 0;
    if (step) {
      const last = this.#shown.length - 1;
      this.#highlight(Math.max(Math.min(0, last), Math.min(last, this.#highlighted + step)));
    } else if (event.key === "Enter") {
      const series = this.#shown[this.#shown.length === 1 ? 0 : this.#highlighted];
      if (series) this.options.onOpen(series.name);
    } else if (event.key === "Escape" && this.input.value) {
      this.text = "";
      this.options.onChange();
    } else return;
    event.preventDefault();
  }
}
