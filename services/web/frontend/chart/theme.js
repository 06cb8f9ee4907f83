import { Chart } from "chart.js";

/** The colours of the page's style sheet, for what is drawn on a canvas. */
export class Theme {
  dark = false;
  background = "";
  text = "";
  muted = "";
  grid = "";
  missing = "";
  limit = "";
  font = "";
  /** Grows when the colours change. */
  revision = 0;
  #probe;

  /** @param {Window} window */
  constructor(window) {
    this.window = window;
    // A custom property is only text: a real one of an element has the colour of this scheme.
    this.#probe = window.document.createElement("span");
    this.#probe.hidden = true;
    window.document.body.append(this.#probe);
    const read = () => this.readColors();
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", read);
    this.readColors();
  }

  /** Take the colours of the scheme that is on now. */
  readColors() {
    const { window } = this;
    const style = window.getComputedStyle(window.document.documentElement);
    const chosen = window.document.documentElement.dataset.theme;
    const system = window.matchMedia("(prefers-color-scheme: dark)").matches;
    this.dark = chosen ? chosen === "dark" : system;
    this.background = this.#color("--card");
    this.text = this.#color("--ink");
    this.muted = this.#color("--muted");
    this.grid = this.#color("--grid");
    this.missing = this.#color("--missing");
    this.limit = this.#color("--limit");
    this.font = style.getPropertyValue("--font").trim();
    Chart.defaults.color = this.muted;
    Chart.defaults.borderColor = this.grid;
    Chart.defaults.font.family = this.font;
    this.revision++;
  }

  /** @param {string} name */
  #color(name) {
    this.#probe.style.color = `var(${name})`;
    return this.window.getComputedStyle(this.#probe).color;
  }
}
