import { Plot } from "../../chart/plot.js";
import { formatWithUnit } from "../../format.js";
import { Gestures } from "../../view/gestures.js";
import { createElement } from "../dom.js";
import { readingRows } from "../readingRows.js";
import { describeChart } from "./description.js";
import { EmptyState } from "./emptyState.js";
import { Legend } from "./legend.js";
import { Tooltip } from "./tooltip.js";

/** @typedef {import("../../store/series.js").Series} Series */
/**
 * @typedef {object} PanelOptions
 * @property {import("../../view/timeView.js").TimeView} view
 * @property {import("../../chart/theme.js").Theme} theme
 * @property {import("../../format.js").TimeFormat} format
 * @property {import("../seriesSelection.js").SeriesSelection} selection
 * @property {() => { busy: boolean, failed: boolean }} historyLoader the state of loading history
 * @property {(series: Series) => void} editSeries
 * @property {(panel: Panel | null, x: number) => void} onPoint reports the pixel below the pointer
 */

/** Milliseconds between updates of the newest values, so that a value can be read. */
const VALUES_INTERVAL_MS = 150;
/** Milliseconds between updates of the statistics. */
const STATS_INTERVAL_MS = 500;
/** Milliseconds between updates of the description for screen readers. */
const DESCRIPTION_INTERVAL_MS = 5_000;
/** With more series than this the legend is a list of rows beside the chart. */
const MAX_TILES = 4;
/** Pixels on each side of the pointer in which the tooltip avoids the lines. */
const TOOLTIP_MARGIN = 360;

let panelCount = 0;

/** The panel of a unit: legend, chart and tooltip. */
export class Panel {
  /** @type {Series[]} */
  series = [];
  #valuesAt = -Infinity;
  #statsAt = -Infinity;
  #descriptionAt = -Infinity;
  #themeRevision = 0;
  #removal = new AbortController();

  /**
   * @param {string | null} unit
   * @param {HTMLElement} root gets the panel at once: a chart needs its size from the start
   * @param {PanelOptions} options
   */
  constructor(unit, root, options) {
    this.unit = unit;
    this.options = options;
    const { selection } = options;
    this.legend = new Legend({
      toggleHidden: (name) => selection.toggleHidden(name),
      isolate: (name) => selection.isolate(name, this.names),
      edit: options.editSeries,
    });
    this.tooltip = new Tooltip(options.format);
    this.emptyState = new EmptyState(() => this.#leaveEmptyState());
    this.canvas = createElement("canvas", "");
    this.canvas.setAttribute("role", "img");
    this.description = createElement("p", "visually-hidden");
    this.description.id = `description-${++panelCount}`;
    this.canvas.setAttribute("aria-describedby", this.description.id);
    this.head = createElement("figcaption", "panel-head", unitHeading(unit), this.legend.element);
    const layers = [this.canvas, this.tooltip.element, this.emptyState.element];
    this.stage = createElement("div", "panel-plot", ...layers);
    this.element = createElement("figure", "panel", this.head, this.stage, this.description);
    this.element.dataset.unit = unit ?? "";
    root.append(this.element);
    this.plot = new Plot(this.canvas, options.theme, unit);
    this.plot.limits = selection
      .limitsOf(unit)
      .map((limit) => ({ ...limit, label: limitLabel(limit, unit) }));
    this.gestures = new Gestures(this.canvas, this.plot, options.view);
    this.#trackPointer();
  }

  /** Names of all its series, also hidden ones. */
  get names() {
    return this.series.map(({ name }) => name);
  }

  /** The series that are not hidden. */
  get shownSeries() {
    const { hidden } = this.options.selection;
    return this.series.filter(({ name }) => !hidden.has(name));
  }

  /** @param {Series[]} series */
  show(series) {
    this.series = series;
    this.#themeRevision = 0;
    this.element.classList.toggle("crowded", series.length > MAX_TILES);
    this.legend.show(series);
    this.updateHidden();
  }

  /** Apply which series are hidden, and update the legend in the next frame. */
  updateHidden() {
    this.legend.updateHidden(this.options.selection.hidden);
    this.#valuesAt = this.#statsAt = this.#descriptionAt = -Infinity;
    this.plot.invalidate();
  }

  /** Draw the window of the view. */
  draw() {
    this.#updateLegend();
    if (!this.plot.draw(this.options.view, this.shownSeries)) return;
    this.element.dataset.points = String(this.plot.readingCount);
    this.#updateEmptyState();
    this.#updateTooltip();
  }

  remove() {
    this.#removal.abort();
    this.gestures.destroy();
    this.plot.destroy();
    this.element.remove();
  }

  #updateLegend() {
    const { theme, view } = this.options;
    if (this.#themeRevision !== theme.revision) {
      this.#themeRevision = theme.revision;
      this.legend.updateColors(theme.dark);
    }
    const time = performance.now();
    if (time - this.#valuesAt < VALUES_INTERVAL_MS) return;
    this.#valuesAt = time;
    this.legend.updateValues();
    if (time - this.#statsAt < STATS_INTERVAL_MS) return;
    this.#statsAt = time;
    this.legend.updateStats(view.from, view.to, view.now);
    if (time - this.#descriptionAt < DESCRIPTION_INTERVAL_MS) return;
    this.#descriptionAt = time;
    this.#updateDescription();
  }

  #updateEmptyState() {
    const { live, range } = this.options.view;
    const { busy: loading, failed } = this.options.historyLoader();
    const showsAll = "span" in range && range.span === Infinity;
    const allHidden = !this.shownSeries.length;
    const reason = { allHidden, live, showsAll, loading, failed };
    this.emptyState.show(this.plot.readingCount ? null : reason);
  }

  /** Show the hidden series; otherwise widen a live window to all time, or return to live. */
  #leaveEmptyState() {
    const { view, selection } = this.options;
    if (!this.shownSeries.length) {
      const { names } = this;
      selection.hidden = new Set([...selection.hidden].filter((name) => !names.includes(name)));
    } else if (view.live) view.show({ span: Infinity });
    else view.resume();
  }

  /** Show the tooltip at the crosshair, or hide it. */
  #updateTooltip() {
    const { plot, tooltip } = this;
    const { crosshair, crosshairPoints } = plot;
    const x = crosshair === null ? NaN : plot.timeScale.getPixelForValue(crosshair);
    const { left, right } = plot.area;
    if (crosshair === null || !crosshairPoints.length || x < left - 1 || x > right + 1) {
      tooltip.hide();
      return;
    }
    const columnSeconds = this.options.view.span / (right - left);
    const area = { ...plot.area, above: this.#heightAbove() };
    tooltip.show(crosshair, columnSeconds, crosshairPoints, x, area, this.#linePointsNear(x));
  }

  /** Height in pixels of the legend above the chart, which a tooltip may cover; 0 beside it. */
  #heightAbove() {
    const { offsetTop, offsetHeight } = this.head;
    return offsetTop + offsetHeight <= this.stage.offsetTop ? offsetHeight : 0;
  }

  /** @param {number} x pixels */
  #linePointsNear(x) {
    const { plot } = this;
    const [from, to] = [plot.timeAt(x - TOOLTIP_MARGIN), plot.timeAt(x + TOOLTIP_MARGIN)];
    const columnSeconds = (to - from) / (2 * TOOLTIP_MARGIN);
    return this.shownSeries.flatMap((series) =>
      Array.from(readingRows(series, from, to, columnSeconds), ({ time, value }) => ({
        x: plot.timeScale.getPixelForValue(time),
        y: plot.valueScale.getPixelForValue(value),
      })),
    );
  }

  /** Describe the chart for screen readers. */
  #updateDescription() {
    const missing = this.plot.gaps.length ? "; readings are missing" : "";
    this.canvas.ariaLabel = `Line chart over time: ${this.names.join(", ")}${missing}`;
    const { view, format } = this.options;
    this.description.textContent = describeChart(this.shownSeries, view, format);
  }

  #trackPointer() {
    const { onPoint } = this.options;
    const onPointer = (/** @type {PointerEvent} */ { offsetX }) => onPoint(this, offsetX);
    this.canvas.addEventListener("pointerdown", onPointer);
    this.canvas.addEventListener("pointermove", onPointer);
    // A lifted finger leaves the tooltip readable until the next tap elsewhere.
    this.canvas.addEventListener("pointerleave", ({ pointerType }) => {
      if (pointerType === "mouse") onPoint(null, 0);
    });
    const onPointerOutside = (/** @type {PointerEvent} */ { target }) => {
      if (!(target instanceof HTMLCanvasElement)) onPoint(null, 0);
    };
    const { signal } = this.#removal;
    document.addEventListener("pointerdown", onPointerOutside, { signal });
  }
}

/** @param {string | null} unit */
function unitHeading(unit) {
  return createElement("h2", "panel-unit", createElement("bdi", "", unit ?? "No unit"));
}

/**
 * @param {import("../../chart/limitLines.js").Limit} limit
 * @param {string | null} unit
 */
function limitLabel({ from, to }, unit) {
  const [low, high] = [from, to].map((end) => formatWithUnit(end, unit));
  if (from === to) return low;
  if (from === -Infinity) return `up to ${high}`;
  return to === Infinity ? `from ${low}` : `${low} to ${high}`;
}
