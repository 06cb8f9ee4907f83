import { createElement } from "../dom.js";
import { shortLabels } from "../labels.js";
import { SeriesCard } from "./seriesCard.js";
import { VirtualRows } from "./virtualRows.js";

/** @typedef {import("./overviewSeries.js").OverviewSeries} OverviewSeries */
/** @typedef {import("./grouping.js").SeriesGroup} SeriesGroup */
/**
 * @typedef {{ key: string, name: string, label: string }} SeriesCell
 * @typedef {{ key: string, group: SeriesGroup }} HeadingCell
 */
/** @typedef {import("./virtualRows.js").VirtualRow<SeriesCell | HeadingCell>} ListRow */

const HEADING_PIXELS = 46;
const CARD_PIXELS = 44;
/** Narrowest card beside another one. */
const MIN_CARD_PIXELS = 500;

/** Groups of cards in as many columns as there is room for. Only those near the screen exist. */
export class OverviewList {
  /** Cards near the screen, by the name of their series. @type {Map<string, SeriesCard>} */
  cards = new Map();
  /** @type {SeriesGroup[]} */
  #groups = [];
  /** Labels by name: each group has its own. @type {Map<string, string>} */
  #labels = new Map();
  #columns = 0;
  /** @type {string | null} */
  #highlighted = null;
  #width = 0;

  /**
   * @param {HTMLElement} root
   * @param {object} options
   * @param {(name: string) => OverviewSeries} options.seriesOf
   * @param {(names: string[]) => string | null} options.addressOf address of a chart of series,
   *   null if they are too many
   * @param {Set<string>} options.selected
   * @param {(name: string, isSelected: boolean) => void} options.onSelect
   * @param {() => void} options.onChange called when other cards are visible
   */
  constructor(root, options) {
    this.root = root;
    this.options = options;
    /** @type {VirtualRows<SeriesCell | HeadingCell>} */
    this.rows = new VirtualRows(root, {
      create: (cell) => ("group" in cell ? this.#createHeading(cell) : this.#createCard(cell)),
      onChange: () => this.#onChange(),
    });
    new ResizeObserver(([{ contentRect }]) => {
      this.#width = contentRect.width;
      if (this.#columnCount() !== this.#columns) this.#layOut();
      else this.rows.update();
    }).observe(root);
  }

  /** @param {SeriesGroup[]} groups */
  show(groups) {
    this.#groups = groups;
    this.#labels = new Map(groups.flatMap(({ series }) => [...shortLabels(series)]));
    // The labels may be others, although the series are the same.
    this.rows.setRows([]);
    this.#layOut();
  }

  /** Mark a card, and bring it into view; null marks none. @param {string | null} name */
  highlight(name) {
    this.#highlighted = name;
    for (const card of this.cards.values()) card.highlight(card.series.name === name);
    const header = document.querySelector("header");
    if (name !== null) this.rows.scrollTo(keyOf(name), header?.clientHeight ?? 0);
  }

  /** Return the label of a series. @param {string} name */
  labelOf(name) {
    return this.#labels.get(name) ?? name;
  }

  #columnCount() {
    return Math.max(1, Math.floor(this.#width / MIN_CARD_PIXELS));
  }

  #layOut() {
    if (!this.#width) return;
    const columns = (this.#columns = this.#columnCount());
    /** @type {ListRow[]} */
    const rows = [];
    for (const group of this.#groups) {
      const { title, series } = group;
      rows.push({ height: HEADING_PIXELS, columns: 1, cells: [{ key: `group ${title}`, group }] });
      const cells = series.map(({ name }) => {
        return { key: keyOf(name), name, label: this.labelOf(name) };
      });
      for (let i = 0; i < cells.length; i += columns) {
        rows.push({ height: CARD_PIXELS, columns, cells: cells.slice(i, i + columns) });
      }
    }
    this.rows.setRows(rows);
  }

  #onChange() {
    const visible = new Set(this.rows.cells.map((cell) => ("name" in cell ? cell.name : "")));
    for (const name of this.cards.keys()) if (!visible.has(name)) this.cards.delete(name);
    this.options.onChange();
  }

  /** @param {SeriesCell} cell */
  #createCard({ name, label }) {
    const { seriesOf, addressOf, selected, onSelect } = this.options;
    const card = new SeriesCard(seriesOf(name), label, {
      address: addressOf([name]) ?? "",
      isSelected: selected.has(name),
      onSelect,
    });
    card.highlight(name === this.#highlighted);
    this.cards.set(name, card);
    return card.element;
  }

  /** @param {HeadingCell} cell */
  #createHeading({ group: { title, series } }) {
    const count = createElement("span", "overview-count", String(series.length));
    const heading = createElement("h2", "", createElement("bdi", "", title), " ", count);
    const element = createElement("div", "overview-group", heading);
    const address = series.length > 1 ? this.options.addressOf(series.map(({ name }) => name)) : null;
    if (address !== null) {
      const link = createElement("a", "button", "Show charts");
      link.href = address;
      link.setAttribute("aria-label", `Show charts of ${title}`);
      element.append(link);
    }
    return element;
  }
}

/** @param {string} name of a series */
const keyOf = (name) => `series ${name}`;
