import { shortLabels } from "./labels.js";

/** @typedef {{ of: (series: { name: string }) => string }} Labels labels of series */

/** The short labels of the series that the page shows; the same label in all charts. */
export class SeriesLabels {
  /** @type {Map<string, string>} */
  #labels = new Map();
  #layoutVersion = -1;

  /** @param {import("../store/seriesStore.js").SeriesStore} store */
  constructor(store) {
    this.store = store;
  }

  /**
   * Return the label of a series.
   *
   * @param {{ name: string }} series
   */
  of({ name }) {
    const { series, layoutVersion } = this.store;
    if (layoutVersion !== this.#layoutVersion) {
      this.#layoutVersion = layoutVersion;
      this.#labels = shortLabels(series.values());
    }
    return this.#labels.get(name) ?? name;
  }
}
