import { Chart } from "chart.js";

/** The colours of the page's style sheet, for what is drawn on a canvas. */
export class Theme {
  dark = false;
  ground = "";
  muted = "";
  grid = "";
  missing = "";
  font = "";
  /** Grows when the colours change. */
  revision = 0;

  /** @param {Window} window */
  constructor(window) {
    const scheme = window.matchMedia("(prefers-color-scheme: dark)");
    const read = () => {
      const style = window.getComputedStyle(window.document.documentElement);
      this.dark = scheme.matches;
      this.ground = style.getPropertyValue("--card").trim();
      this.muted = style.getPropertyValue("--muted").trim();
      this.grid = style.getPropertyValue("--grid").trim();
      this.missing = style.getPropertyValue("--missing").trim();
      this.font = style.getPropertyValue("--font").trim();
      Chart.defaults.color = this.muted;
      Chart.defaults.borderColor = this.grid;
      Chart.defaults.font.family = this.font;
      this.revision++;
    };
    scheme.addEventListener("change", read);
    read();
  }
}
