import { element } from "../element.js";

/**
 * @typedef {object} Lack why a chart has no line
 * @property {boolean} off all of its lines are switched off
 * @property {boolean} live the window moves
 * @property {boolean} all it shows everything there is
 * @property {boolean} busy history is on its way
 * @property {boolean} failed history can't be loaded
 */

/** What stands in an empty chart: why it is empty, and a way out of that. */
export class Note {
  /** @param {() => void} goOn what its button does */
  constructor(goOn) {
    this.words = element("p", "");
    this.way = element("button", "button");
    this.way.type = "button";
    this.way.addEventListener("click", goOn);
    this.element = element("div", "empty-state", this.words, this.way);
    this.element.hidden = true;
  }

  /** @param {Lack | null} lack null where there are lines */
  explain(lack) {
    this.element.hidden = !lack;
    if (!lack) return;
    this.words.textContent = wordsOf(lack);
    this.way.textContent = lack.off || lack.live ? "Show all" : "Go on live";
    this.way.hidden = !lack.off && (lack.all || lack.busy);
  }
}

/** @param {Lack} lack */
function wordsOf({ off, busy, failed }) {
  if (off) return "All lines are switched off";
  if (failed) return "History can't be loaded";
  return busy ? "Loading …" : "No readings in this range";
}
