import { Plot } from "../chart/plot.js";
import { element } from "./element.js";
import { Legend } from "./legend.js";
import { Readout } from "./readout.js";

/** @typedef {import("../store/series.js").Series} Series */

/** Milliseconds for which a value can be read before the next one takes its place. */
const LEGEND_PACE = 150;

/** A unit's part of the page: its legend, its chart and the readout. */
export class Panel {
  /** @type {Series[]} */
  series = [];
  #legendAt = -Infinity;
  #painted = 0;
  #removed = new AbortController();

  /**
   * @param {string | null} unit
   * @param {import("../chart/theme.js").Theme} theme
   * @param {import("../format.js").TimeFormat} format
   * @param {(name: string) => void} toggle
   */
  constructor(unit, theme, format, toggle) {
    this.theme = theme;
    this.legend = new Legend(toggle);
    this.readout = new Readout(format);
    this.canvas = element("canvas", "");
    this.canvas.setAttribute("role", "img");
    this.note = element("p", "note");
    const head = element("figcaption", "panel-head", element("bdi", "panel-unit", unit ?? ""));
    head.append(this.legend.element);
    const plot = element("div", "plot", this.canvas, this.readout.element, this.note);
    this.element = element("figure", "panel", head, plot);
    this.element.dataset.unit = unit ?? "";
    this.plot = new Plot(this.canvas, theme, format);
    this.#listen();
  }

  /**
   * @param {Series[]} series
   * @param {Set<string>} hidden
   */
  show(series, hidden) {
    this.series = series;
    this.#painted = 0;
    this.#legendAt = -Infinity;
    this.legend.show(series, hidden);
    this.#describe();
  }

  /**
   * @param {number} now seconds
   * @param {number} span seconds
   * @param {Set<string>} hidden
   */
  frame(now, span, hidden) {
    this.#refreshLegend();
    const shown = this.series.filter(({ name }) => !hidden.has(name));
    if (!this.plot.draw(now, span, shown)) return;
    this.element.dataset.points = String(this.plot.count);
    this.note.hidden = this.plot.count > 0;
    this.note.textContent = shown.length
      ? "No readings in this window"
      : "All lines are switched off";
    this.readout.show(this.plot.picked, this.plot.area);
    this.#describe();
  }

  #describe() {
    const names = this.series.map(({ name }) => name).join(", ");
    const missing = this.plot.gaps.length ? "; readings are missing" : "";
    this.canvas.ariaLabel = `Line chart over time: ${names}${missing}`;
  }

  remove() {
    this.#removed.abort();
    this.plot.destroy();
    this.element.remove();
  }

  #refreshLegend() {
    if (this.#painted !== this.theme.revision) {
      this.#painted = this.theme.revision;
      this.legend.paint(this.theme.dark);
    }
    const time = performance.now();
    if (time - this.#legendAt < LEGEND_PACE) return;
    this.#legendAt = time;
    this.legend.refresh();
  }

  #listen() {
    const point = (/** @type {number | null} */ place) => {
      this.plot.pointer = place;
      this.plot.invalidate();
    };
    this.canvas.addEventListener("pointerdown", ({ offsetX }) => point(offsetX));
    this.canvas.addEventListener("pointermove", ({ offsetX }) => point(offsetX));
    // A finger that is lifted leaves the readout where it can be read, until it taps elsewhere.
    this.canvas.addEventListener("pointerleave", ({ pointerType }) => {
      if (pointerType === "mouse") point(null);
    });
    const elsewhere = (/** @type {PointerEvent} */ { target }) => {
      if (target !== this.canvas) point(null);
    };
    document.addEventListener("pointerdown", elsewhere, { signal: this.#removed.signal });
  }
}
