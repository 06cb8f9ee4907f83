import { createElement, setText } from "../dom.js";
import { PanelMenu } from "./panelMenu.js";

/** Letters of a figure beside the title of a narrow panel; a longer one is below the title. */
const MAX_SHORT_FIGURE = 20;

/** The head of a panel: its title and unit, a figure such as a total, and its menu. */
export class PanelHead {
  /** @param {(isFullScreen: boolean) => void} setFullScreen called by the buttons */
  constructor(setFullScreen) {
    this.title = createElement("bdi", "");
    this.unit = createElement("bdi", "panel-unit");
    this.figure = createElement("bdi", "panel-figure");
    this.allButton = createElement("button", "button panel-all", "All panels");
    this.allButton.type = "button";
    this.allButton.title = "Leave full screen (Esc)";
    this.allButton.addEventListener("click", () => setFullScreen(false));
    this.menu = new PanelMenu();
    this.menu.addEntry("Full screen", () => setFullScreen(true));
    const heading = createElement("h2", "panel-title", this.title, this.unit);
    const buttons = [this.allButton, this.menu.element];
    this.element = createElement("figcaption", "panel-bar", heading, this.figure, ...buttons);
  }

  /**
   * @param {string} title
   * @param {string | null} unit
   */
  show(title, unit) {
    setText(this.title, title);
    setText(this.unit, unit === null || unit === title ? "" : unit);
    this.menu.setTitle(title);
  }

  /** Title and unit: "Temperature °C". */
  get text() {
    return [this.title, this.unit].map(({ textContent }) => textContent).filter(Boolean).join(" ");
  }

  /** @param {string} text the most important figure of the panel, "" for none */
  setFigure(text) {
    setText(this.figure, text);
    this.figure.classList.toggle("long", text.length > MAX_SHORT_FIGURE);
  }

  /** @param {boolean} isFullScreen true if the board shows this panel alone */
  set isFullScreen(isFullScreen) {
    this.allButton.hidden = !isFullScreen;
  }
}
