import { lookOf } from "../chart/palette.js";
import { formatValue } from "../format.js";
import { element } from "./element.js";

/** @typedef {import("../store/series.js").Series} Series */

/** The legend of a chart: a button for each series, with its colour and its last value. */
export class Legend {
  /** @type {{ series: Series, button: HTMLButtonElement, value: HTMLElement, shown: number }[]} */
  #entries = [];

  /** @param {(name: string) => void} toggle */
  constructor(toggle) {
    this.toggle = toggle;
    this.element = element("ul", "legend");
  }

  /**
   * @param {Series[]} series
   * @param {Set<string>} hidden
   */
  show(series, hidden) {
    this.#entries = series.map((one) => this.#entry(one));
    this.element.classList.toggle("solo", series.length === 1);
    this.element.replaceChildren(...this.#entries.map(({ button }) => element("li", "", button)));
    this.mark(hidden);
  }

  /** @param {Set<string>} hidden names of the series that are switched off */
  mark(hidden) {
    for (const { series, button } of this.#entries) {
      button.setAttribute("aria-pressed", String(!hidden.has(series.name)));
    }
  }

  /** @param {boolean} dark */
  paint(dark) {
    for (const { series, button } of this.#entries) {
      const { color, dash } = lookOf(series.slot, dark);
      button.style.setProperty("--line", color);
      button.dataset.dash = dash.length ? String(dash[0]) : "";
    }
  }

  /** Bring the last values up to date. */
  refresh() {
    for (const entry of this.#entries) {
      const { series, value } = entry;
      if (series.revision === entry.shown) continue;
      entry.shown = series.revision;
      value.textContent = series.last ? formatValue(series.last.value) : "–";
    }
  }

  /** @param {Series} series */
  #entry(series) {
    const name = element("bdi", "name", series.name);
    const value = element("span", "value");
    const unit = element("bdi", "unit", series.unit ?? "");
    const button = element("button", "entry", element("span", "swatch"), name);
    button.append(element("span", "reading", value, unit));
    button.type = "button";
    button.title = series.name;
    button.dataset.series = series.name;
    button.addEventListener("click", () => this.toggle(series.name));
    return { series, button, value, shown: -1 };
  }
}
