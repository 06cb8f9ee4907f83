import { formatDuration } from "../format.js";
import { labelWindow, RANGE_PRESETS, SINCE_NAMES } from "../view/timeRange.js";
import { byId, createElement } from "./dom.js";

/** @typedef {import("../view/timeView.js").TimeView} TimeView */

/** Difference of two lengths that comes from subtracting times. */
const MAX_ROUNDING_SECONDS = 1e-3;

const PAUSE_ICON = "M9 6v12M15 6v12";
const LIVE_ICON = "M8 5l11 7-11 7z";

/** The controls of the time window: a button for each length, pause and live, and the range. */
export class TimeWindows {
  /**
   * @param {TimeView} view
   * @param {import("../format.js").TimeFormat} format
   */
  constructor(view, format) {
    this.view = view;
    this.format = format;
    this.buttons = RANGE_PRESETS.map((preset) => this.#createButton(preset));
    byId("time-windows").replaceChildren(...this.buttons.map(({ button }) => button));
    byId("time-toggle").addEventListener("click", () => this.togglePause());
    byId("time-back").addEventListener("click", () => view.step(-1));
    byId("time-forward").addEventListener("click", () => view.step(1));
    view.addEventListener("change", () => this.#update());
    this.#update();
  }

  /** Pause the window, or return to live. */
  togglePause() {
    if (this.view.live) this.view.pause();
    else this.view.resume();
  }

  /** Show the window of the button with this index, if there is one. @param {number} index */
  showPreset(index) {
    const preset = this.buttons[index];
    if (preset) this.view.showSpan(preset.span);
  }

  /** @param {{ name: string, span: number }} preset */
  #createButton({ name, span }) {
    const button = createElement("button", "", labelWindow(name));
    button.type = "button";
    button.value = name;
    button.addEventListener("click", () => this.view.showSpan(span));
    button.hidden = span >= this.view.maxSpan && span !== Infinity;
    return { button, span };
  }

  #update() {
    const { view } = this;
    const { range } = view;
    const shown = "span" in range ? range.span : range.to - range.from;
    const isGrowing = "since" in range;
    for (const { button, span } of this.buttons) {
      const length = Math.min(span, view.maxSpan);
      const isEqual = length === shown || Math.abs(length - shown) < MAX_ROUNDING_SECONDS;
      const isPressed = isEqual && !isGrowing;
      button.setAttribute("aria-pressed", String(isPressed));
    }
    /** @type {HTMLButtonElement} */ (byId("time-forward")).disabled = view.live;
    const toggle = byId("time-toggle");
    toggle.classList.toggle("strong", !view.live);
    toggle.title = view.live ? "Pause (Space)" : "Return to live (L)";
    byId("time-toggle-label").textContent = view.live ? "Pause" : "Live";
    byId("time-toggle-icon").setAttribute("d", view.live ? PAUSE_ICON : LIVE_ICON);
    byId("time-range").textContent = this.#rangeText();
  }

  /** Return the visible range as text; "" if a pressed button shows it already. */
  #rangeText() {
    const { view, format } = this;
    const { range } = view;
    if (!view.live) return format.range(view.from, view.to);
    if ("since" in range && range.since) return SINCE_NAMES[range.since].replace("-", " ");
    const isPreset = this.buttons.some(({ button }) => button.ariaPressed === "true");
    return isPreset ? "" : `last ${formatDuration(view.span)}`;
  }
}
