import { formatDuration } from "../format.js";
import { RANGE_PRESETS } from "../view/timeRange.js";
import { byId, element } from "./element.js";

/** @typedef {import("../view/timeView.js").TimeView} View */

/** @type {Record<string, string>} */
const UNITS = { m: "min", h: "h", d: "d" };

const PAUSE_ICON = "M9 6v12M15 6v12";
const LIVE_ICON = "M8 5l11 7-11 7z";

/** The controls of the time window: its length, live or paused, and what range it stands at. */
export class Windows {
  /**
   * @param {View} view
   * @param {import("../format.js").TimeFormat} format
   */
  constructor(view, format) {
    this.view = view;
    this.format = format;
    this.buttons = RANGE_PRESETS.map((preset) => this.#button(preset));
    byId("time-windows").replaceChildren(...this.buttons.map(({ button }) => button));
    byId("time-toggle").addEventListener("click", () => this.toggle());
    view.addEventListener("change", () => this.#mark());
    this.#mark();
  }

  /** Pause, or go on live. */
  toggle() {
    if (this.view.live) this.view.pause();
    else this.view.resume();
  }

  /** Show the window of the button at a place. @param {number} place */
  choose(place) {
    const chosen = this.buttons[place];
    if (chosen) this.view.show({ span: chosen.span });
  }

  /** @param {{ name: string, span: number }} preset */
  #button({ name, span }) {
    const unit = UNITS[name.slice(-1)];
    const button = element("button", "", unit ? `${name.slice(0, -1)} ${unit}` : "All");
    button.type = "button";
    button.value = name;
    button.addEventListener("click", () => this.view.show({ span }));
    return { button, span };
  }

  #mark() {
    const { view } = this;
    const { range: asked } = view;
    for (const { button, span } of this.buttons) {
      const chosen = "span" in asked && asked.span === span;
      button.setAttribute("aria-pressed", String(chosen));
    }
    const go = byId("time-toggle");
    go.classList.toggle("strong", !view.live);
    go.title = view.live ? "Pause (Space)" : "Go on live (L)";
    byId("time-toggle-label").textContent = view.live ? "Pause" : "Live";
    byId("time-toggle-icon").setAttribute("d", view.live ? PAUSE_ICON : LIVE_ICON);
    byId("time-range").textContent = this.#range();
  }

  /** What is shown, in words, where no button says it. */
  #range() {
    const { view, format } = this;
    if (!view.live) return format.range(view.from, view.to);
    const preset = this.buttons.some(({ button }) => button.ariaPressed === "true");
    return preset ? "" : `last ${formatDuration(view.span)}`;
  }
}
