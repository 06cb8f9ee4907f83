/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {{ from: number, to: number }} SelectedRange seconds */
/** @typedef {{ shownSeries: Series[], stage: HTMLElement }} SelectionOwner a panel */

/**
 * The range of time that somebody has selected on a chart.
 *
 * The event `change` is sent when it changes, and `finish` when it stays as it is.
 */
export class RangeSelection extends EventTarget {
  /** The range, or null without a selection. @type {SelectedRange | null} */
  range = null;
  /** The panel on which the range was selected. @type {SelectionOwner | null} */
  owner = null;
  /** The end that does not move while the selection is extended. */
  #anchor = NaN;

  /**
   * Select a range that may still change.
   *
   * @param {number} anchor time at which the selection began, in seconds
   * @param {number} end time of its other end
   * @param {SelectionOwner} owner
   */
  select(anchor, end, owner) {
    this.#anchor = anchor;
    this.owner = owner;
    this.range = { from: Math.min(anchor, end), to: Math.max(anchor, end) };
    this.dispatchEvent(new Event("change"));
  }

  /** Keep the selection as it is. */
  finish() {
    if (this.range) this.dispatchEvent(new Event("finish"));
  }

  /**
   * Move the end of the selection, or begin one.
   *
   * @param {number} seconds
   * @param {number} start where a new selection begins
   * @param {SelectionOwner} owner of a new selection
   */
  extend(seconds, start, owner) {
    const anchor = this.range ? this.#anchor : start;
    const end = this.range && this.range.from === anchor ? this.range.to : this.range?.from;
    this.select(anchor, (end ?? start) + seconds, this.owner ?? owner);
    this.finish();
  }

  /**
   * Return the selection as the gestures on a chart change it.
   *
   * @param {SelectionOwner} owner
   * @returns {import("../../view/gestures.js").SelectionTarget}
   */
  on(owner) {
    const selection = this;
    return {
      get isEmpty() {
        return selection.range === null;
      },
      select: (anchor, end) => this.select(anchor, end, owner),
      finish: () => this.finish(),
      clear: () => this.clear(),
    };
  }

  clear() {
    if (!this.range) return;
    this.range = this.owner = null;
    this.dispatchEvent(new Event("change"));
  }
}
