import { parseWindow } from "../view/calendarWindows.js";
import { formatRange } from "../view/timeRange.js";

/** @typedef {import("../view/timeRange.js").TimeRange} TimeRange */

/** Milliseconds without a change after which a move or a zoom is finished. */
const SETTLE_MS = 400;

/**
 * Keeps the steps in time in the browser's history: each finished one becomes an entry, so that
 * Back returns to the range before it, and Forward to the range after it.
 */
export class ViewHistory {
  /** @type {any} */
  #timer = null;
  #isPressed = false;
  /** True while the range comes from the history, which then needs no new entry. */
  #isRestoring = false;
  /** The range of an address that has none. @type {TimeRange} */
  #firstRange;

  /**
   * @param {import("../view/timeView.js").TimeView} view
   * @param {import("./seriesSelection.js").SeriesSelection} selection
   */
  constructor(view, selection) {
    this.view = view;
    this.selection = selection;
    this.#firstRange = view.range;
    view.addEventListener("change", () => this.#onChange());
    document.addEventListener("pointerdown", () => (this.#isPressed = true), true);
    for (const end of ["pointerup", "pointercancel"]) {
      document.addEventListener(end, () => this.#onRelease(), true);
    }
    window.addEventListener("popstate", () => this.#restore());
  }

  #onChange() {
    if (!this.view.chosen) this.#firstRange = this.view.range;
    else this.#schedule();
  }

  #schedule() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save(), SETTLE_MS);
  }

  #onRelease() {
    this.#isPressed = false;
    if (this.#timer !== null) this.#schedule();
  }

  #save() {
    // A drag that rests is not finished.
    if (this.#isPressed) return;
    this.#timer = null;
    if (!this.#isRestoring) this.selection.pushRange(formatRange(this.view.range));
    this.#isRestoring = false;
  }

  #restore() {
    this.selection.readAddress();
    this.#isRestoring = true;
    this.view.show(parseWindow(this.selection.range, this.view.now) ?? this.#firstRange);
  }
}
