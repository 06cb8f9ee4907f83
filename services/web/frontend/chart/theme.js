import { Chart } from "chart.js";

/** Colours and font of the page's style sheet, for drawing on a canvas. */
export class Theme {
  dark = false;
  background = "";
  text = "";
  muted = "";
  grid = "";
  /** Band of a state that is off or closed. */
  idle = "";
  missing = "";
  limit = "";
  font = "";
  /** Number that grows when the colours change. */
  revision = 0;
  #probe;

  /** @param {Window} window */
  constructor(window) {
    this.window = window;
    // A custom property is mere text; the colour of an element is resolved for the current scheme.
    this.#probe = window.document.createElement("span");
    this.#probe.hidden = true;
    window.document.body.append(this.#probe);
    const darkScheme = window.matchMedia("(prefers-color-scheme: dark)");
    darkScheme.addEventListener("change", () => this.readColors());
    this.readColors();
  }

  /** Read the colours of the current scheme. */
  readColors() {
    const { window } = this;
    const style = window.getComputedStyle(window.document.documentElement);
    const chosen = window.document.documentElement.dataset.theme;
    const isSystemDark = window.matchMedia("(prefers-color-scheme: dark)").matches;
    this.dark = chosen ? chosen === "dark" : isSystemDark;
    this.background = this.#colorOf("--card");
    this.text = this.#colorOf("--ink");
    this.muted = this.#colorOf("--muted");
    this.grid = this.#colorOf("--grid");
    this.idle = this.#colorOf("--idle");
    this.missing = this.#colorOf("--missing");
    this.limit = this.#colorOf("--limit");
    this.font = style.getPropertyValue("--font").trim();
    Chart.defaults.color = this.muted;
    Chart.defaults.borderColor = this.grid;
    Chart.defaults.font.family = this.font;
    this.revision++;
  }

  /** @param {string} property name of a custom property */
  #colorOf(property) {
    this.#probe.style.color = `var(${property})`;
    return this.window.getComputedStyle(this.#probe).color;
  }
}
