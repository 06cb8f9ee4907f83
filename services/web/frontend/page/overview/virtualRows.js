import { lowerBound } from "../../store/sortedTimes.js";

/**
 * A row of the list: it is as tall as `height`, and `cells` are beside each other.
 *
 * @template Cell
 * @typedef {{ height: number, cells: Cell[], columns: number }} VirtualRow
 */

/** Pixels above and below the screen for which elements exist, so that scrolling shows no gaps. */
const OVERSCAN_PIXELS = 400;

/**
 * A list of thousands of rows, of which only those near the screen have elements.
 *
 * @template {{ key: string }} Cell
 */
export class VirtualRows {
  /** @type {VirtualRow<Cell>[]} */
  #rows = [];
  /** Top of each row in pixels, then the height of all. @type {number[]} */
  #tops = [0];
  /** Elements by the key of their cell, in the order of the list. @type {Map<string, HTMLElement>} */
  #elements = new Map();
  #first = -1;
  #last = -1;

  /**
   * @param {HTMLElement} root
   * @param {object} options
   * @param {(cell: Cell) => HTMLElement} options.create
   * @param {() => void} options.onChange called when other cells are visible
   */
  constructor(root, options) {
    this.root = root;
    this.options = options;
    window.addEventListener("scroll", () => this.update(), { passive: true });
  }

  /** @param {VirtualRow<Cell>[]} rows */
  setRows(rows) {
    this.#rows = rows;
    this.#tops = [0];
    for (const { height } of rows) this.#tops.push((this.#tops.at(-1) ?? 0) + height);
    this.root.style.height = `${this.#tops.at(-1)}px`;
    this.#first = this.#last = -1;
    this.update();
  }

  /** Cells that have elements. @returns {Cell[]} */
  get cells() {
    return this.#rows.slice(this.#first, this.#last).flatMap(({ cells }) => cells);
  }

  /** @param {string} key @returns {HTMLElement | undefined} undefined if it is out of sight */
  elementOf(key) {
    return this.#elements.get(key);
  }

  /**
   * Scroll the page until the row of a cell is visible below the header.
   *
   * @param {string} key
   * @param {number} headerPixels height of what covers the top of the page
   */
  scrollTo(key, headerPixels) {
    const index = this.#rows.findIndex(({ cells }) => cells.some((cell) => cell.key === key));
    if (index < 0) return;
    const top = this.root.getBoundingClientRect().top + this.#tops[index];
    const bottom = top + this.#rows[index].height;
    if (top < headerPixels) window.scrollBy(0, top - headerPixels);
    else if (bottom > window.innerHeight) window.scrollBy(0, bottom - window.innerHeight);
    this.update();
  }

  /** Create the elements that came near the screen, and remove those that left it. */
  update() {
    const top = -this.root.getBoundingClientRect().top;
    const first = Math.max(0, lowerBound(this.#tops, top - OVERSCAN_PIXELS + 1) - 1);
    const bottom = top + window.innerHeight + OVERSCAN_PIXELS;
    const last = Math.min(this.#rows.length, lowerBound(this.#tops, bottom));
    if (first === this.#first && last === this.#last) return;
    this.#first = first;
    this.#last = last;
    this.#place();
    this.options.onChange();
  }

  #place() {
    /** @type {Map<string, HTMLElement>} */
    const placed = new Map();
    for (let i = this.#first; i < this.#last; i++) {
      const { cells, columns, height } = this.#rows[i];
      for (const [column, cell] of cells.entries()) {
        const element = this.#elements.get(cell.key) ?? this.options.create(cell);
        element.style.top = `${this.#tops[i]}px`;
        element.style.insetInlineStart = `${(100 * column) / columns}%`;
        element.style.width = `${100 / columns}%`;
        element.style.height = `${height}px`;
        placed.set(cell.key, element);
      }
    }
    for (const [key, element] of this.#elements) if (!placed.has(key)) element.remove();
    this.#elements = placed;
    // The order of the document is the order of the Tab key. Elements in order are not moved.
    let next = this.root.firstElementChild;
    for (const element of placed.values()) {
      if (element === next) next = next.nextElementSibling;
      else this.root.insertBefore(element, next);
    }
  }
}
