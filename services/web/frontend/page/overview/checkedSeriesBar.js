import { formatCount } from "../../format.js";
import { byId, setText } from "../dom.js";

/** The bar with the number of selected series, which opens their charts. */
export class CheckedSeriesBar {
  /** @type {Set<string>} */
  names = new Set();

  /**
   * @param {object} options
   * @param {(names: string[]) => string | null} options.addressOf address of the charts of series,
   *   null if they are too many
   * @param {number} options.maxSeries
   * @param {() => void} options.onClear
   */
  constructor(options) {
    this.options = options;
    byId("overview-clear").addEventListener("click", () => {
      this.names.clear();
      this.#update();
      options.onClear();
    });
  }

  /**
   * @param {string} name
   * @param {boolean} isSelected
   */
  select(name, isSelected) {
    if (isSelected) this.names.add(name);
    else this.names.delete(name);
    this.#update();
  }

  #update() {
    const names = [...this.names];
    const { addressOf, maxSeries } = this.options;
    byId("overview-selection").hidden = !names.length;
    const address = addressOf(names);
    const limit = address === null ? ` At most ${maxSeries} can be shown together.` : "";
    setText(byId("overview-selected"), `${formatCount(names.length)} selected.${limit}`);
    const link = /** @type {HTMLAnchorElement} */ (byId("overview-show"));
    link.hidden = address === null;
    link.href = address ?? "";
  }
}
