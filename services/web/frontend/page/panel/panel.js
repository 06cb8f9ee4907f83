import { Plot } from "../../chart/plot.js";
import { Gestures } from "../../view/gestures.js";
import { formatWithUnit } from "../../format.js";
import { describe } from "./description.js";
import { element } from "../element.js";
import { Legend } from "./legend.js";
import { Note } from "../status/emptyState.js";
import { Readout } from "./tooltip.js";
import { rowsOf } from "../export/rows.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {import("../../view/timeView.js").TimeView} View */
/**
 * @typedef {object} PanelParts
 * @property {View} view
 * @property {import("../../chart/theme.js").Theme} theme
 * @property {import("../../format.js").TimeFormat} format
 * @property {import("../seriesSelection.js").Selection} selection
 * @property {() => { busy: boolean, failed: boolean }} loading how the loading of history goes
 * @property {(series: Series) => void} correct a person wants to correct a series
 * @property {(panel: Panel | null, x: number) => void} onPoint a pixel of the chart is pointed at
 */

/** Milliseconds for which a value can be read before the next one takes its place. */
const LEGEND_PACE = 150;
/** Milliseconds for which the numbers of the visible range may be old. */
const STATS_PACE = 500;
/** Milliseconds after which the words for screen readers are made anew. */
const SUMMARY_PACE = 5_000;
/** More series than these have a legend of rows beside the chart. */
const FEW_SERIES = 4;
/** Pixels beside the pointer in which the readout looks for lines. */
const AROUND = 360;

let panels = 0;

/** A unit's part of the page: its legend, its chart and the readout. */
export class Panel {
  /** @type {Series[]} */
  series = [];
  #legendAt = -Infinity;
  #statsAt = -Infinity;
  #summaryAt = -Infinity;
  #painted = 0;
  #removed = new AbortController();

  /**
   * @param {string | null} unit
   * @param {HTMLElement} root where it is put: a chart needs its size from the start
   * @param {PanelParts} parts
   */
  constructor(unit, root, parts) {
    this.unit = unit;
    this.parts = parts;
    const { selection } = parts;
    this.legend = new Legend({
      toggle: (name) => selection.toggle(name),
      isolate: (name) => selection.isolate(name, this.names),
      correct: parts.correct,
    });
    this.readout = new Readout(parts.format);
    this.canvas = element("canvas", "");
    this.canvas.setAttribute("role", "img");
    this.summary = element("p", "visually-hidden");
    this.summary.id = `summary-${++panels}`;
    this.canvas.setAttribute("aria-describedby", this.summary.id);
    this.note = new Note(() => this.#goOn());
    const name = element("h2", "panel-unit", element("bdi", "", unit ?? "Without a unit"));
    this.head = element("figcaption", "panel-head", name, this.legend.element);
    this.stage = element("div", "panel-plot", this.canvas, this.readout.element, this.note.element);
    this.element = element("figure", "panel", this.head, this.stage, this.summary);
    this.element.dataset.unit = unit ?? "";
    root.append(this.element);
    this.plot = new Plot(this.canvas, parts.theme, unit);
    this.plot.limits = selection
      .limitsOf(unit)
      .map((limit) => ({ ...limit, label: labelOf(limit, unit) }));
    this.gestures = new Gestures(this.canvas, this.plot, parts.view);
    this.#listen();
  }

  /** Names of all its series, switched off or not. */
  get names() {
    return this.series.map(({ name }) => name);
  }

  /** The series that are not switched off. */
  get shown() {
    const { hidden } = this.parts.selection;
    return this.series.filter(({ name }) => !hidden.has(name));
  }

  /** @param {Series[]} series */
  show(series) {
    this.series = series;
    this.#painted = 0;
    this.element.classList.toggle("crowded", series.length > FEW_SERIES);
    this.legend.show(series);
    this.mark();
  }

  /** Follow what is switched on and off. */
  mark() {
    this.legend.mark(this.parts.selection.hidden);
    this.#legendAt = this.#statsAt = this.#summaryAt = -Infinity;
    this.plot.invalidate();
  }

  /** Draw what the view shows. */
  frame() {
    this.#refreshLegend();
    if (!this.plot.draw(this.parts.view, this.shown)) return;
    this.element.dataset.points = String(this.plot.readingCount);
    this.#explain();
    this.#point();
  }

  remove() {
    this.#removed.abort();
    this.gestures.destroy();
    this.plot.destroy();
    this.element.remove();
  }

  #refreshLegend() {
    const { theme, view } = this.parts;
    if (this.#painted !== theme.revision) {
      this.#painted = theme.revision;
      this.legend.paint(theme.dark);
    }
    const time = performance.now();
    if (time - this.#legendAt < LEGEND_PACE) return;
    this.#legendAt = time;
    this.legend.refresh();
    if (time - this.#statsAt < STATS_PACE) return;
    this.#statsAt = time;
    this.legend.summarize(view.from, view.to, view.now);
    if (time - this.#summaryAt < SUMMARY_PACE) return;
    this.#summaryAt = time;
    this.#describe();
  }

  #explain() {
    const { live, range: asked } = this.parts.view;
    const all = "span" in asked && asked.span === Infinity;
    const { busy, failed } = this.parts.loading();
    const off = !this.shown.length;
    this.note.explain(this.plot.readingCount ? null : { off, live, all, busy, failed });
  }

  #goOn() {
    const { view, selection } = this.parts;
    if (!this.shown.length) {
      const { names } = this;
      selection.hidden = new Set([...selection.hidden].filter((name) => !names.includes(name)));
    } else if (view.live) view.show({ span: Infinity });
    else view.resume();
  }

  /** Show the readout at the crosshair. */
  #point() {
    const { plot, readout } = this;
    const { crosshair, crosshairPoints: picked } = plot;
    const x = crosshair === null ? NaN : plot.timeScale.getPixelForValue(crosshair);
    const { left, right } = plot.area;
    if (crosshair === null || !picked.length || x < left - 1 || x > right + 1) {
      readout.hide();
      return;
    }
    const column = this.parts.view.span / (right - left);
    const area = { ...plot.area, above: this.#above() };
    readout.show(crosshair, column, picked, x, area, this.#pointsAround(x));
  }

  /** Pixels of the legend, where it is above the chart: it tells nothing of the time pointed at. */
  #above() {
    const { offsetTop, offsetHeight } = this.head;
    return offsetTop + offsetHeight <= this.stage.offsetTop ? offsetHeight : 0;
  }

  /** @param {number} place pixels */
  #pointsAround(place) {
    const { plot } = this;
    const [from, to] = [plot.timeAt(place - AROUND), plot.timeAt(place + AROUND)];
    const column = (to - from) / (2 * AROUND);
    return this.shown.flatMap((series) =>
      Array.from(rowsOf(series, from, to, column), ({ time, value }) => ({
        x: plot.timeScale.getPixelForValue(time),
        y: plot.valueScale.getPixelForValue(value),
      })),
    );
  }

  /** Tell what the chart shows to those who can't see it. */
  #describe() {
    const missing = this.plot.gaps.length ? "; readings are missing" : "";
    this.canvas.ariaLabel = `Line chart over time: ${this.names.join(", ")}${missing}`;
    const { view, format } = this.parts;
    this.summary.textContent = describe(this.shown, view, format);
  }

  #listen() {
    const { onPoint } = this.parts;
    const point = (/** @type {PointerEvent} */ { offsetX }) => onPoint(this, offsetX);
    this.canvas.addEventListener("pointerdown", point);
    this.canvas.addEventListener("pointermove", point);
    // A finger that is lifted leaves the readout where it can be read, until it taps elsewhere.
    this.canvas.addEventListener("pointerleave", ({ pointerType }) => {
      if (pointerType === "mouse") onPoint(null, 0);
    });
    const elsewhere = (/** @type {PointerEvent} */ { target }) => {
      if (!(target instanceof HTMLCanvasElement)) onPoint(null, 0);
    };
    document.addEventListener("pointerdown", elsewhere, { signal: this.#removed.signal });
  }
}

/**
 * @param {import("../../chart/limitLines.js").Limit} limit
 * @param {string | null} unit
 */
function labelOf({ from, to }, unit) {
  const [low, high] = [from, to].map((end) => formatWithUnit(end, unit));
  if (from === to) return low;
  if (from === -Infinity) return `up to ${high}`;
  return to === Infinity ? `from ${low}` : `${low} to ${high}`;
}
