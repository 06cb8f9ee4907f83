import { createElement } from "../dom.js";

/**
 * @typedef {object} EmptyReason why a chart has no line
 * @property {boolean} noSeries the server has none of its series
 * @property {boolean} allHidden all of its series are hidden
 * @property {boolean} live the window is live
 * @property {boolean} showsAll the window shows all readings there are
 * @property {boolean} loading history is loading
 * @property {boolean} failed history could not be loaded
 */

/** The text in an empty chart: the reason, and a button that leads back to readings. */
export class EmptyState {
  /** The shown reason, to touch the document only if it changes. */
  #key = "";

  /** @param {() => void} onClick called when the button is clicked */
  constructor(onClick) {
    this.text = createElement("p", "");
    this.button = createElement("button", "button");
    this.button.type = "button";
    this.button.addEventListener("click", onClick);
    this.element = createElement("div", "empty-state", this.text, this.button);
    this.element.hidden = true;
  }

  /** @param {EmptyReason | null} reason null: something is drawn */
  show(reason) {
    const key = reason ? Object.values(reason).join() : "";
    if (key === this.#key) return;
    this.#key = key;
    this.element.hidden = !reason;
    if (!reason) return;
    const { noSeries, allHidden, live, showsAll, loading } = reason;
    this.text.textContent = reasonText(reason);
    this.button.textContent = allHidden || live ? "Show all" : "Return to live";
    this.button.hidden = noSeries || (!allHidden && (showsAll || loading));
  }
}

/** @param {EmptyReason} reason */
function reasonText({ noSeries, allHidden, loading, failed }) {
  if (noSeries) return "No series match";
  if (allHidden) return "All series are hidden";
  if (failed) return "History can't be loaded. Trying again.";
  return loading ? "Loading …" : "No readings in this range";
}
