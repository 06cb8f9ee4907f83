import { LineStyles } from "../../chart/lineStyles.js";
import { Plot } from "../../chart/plot.js";
import { Gestures } from "../../view/gestures.js";
import { createElement } from "../dom.js";
import { findAbsences } from "./absences.js";
import { describeChart, describedKey } from "./description.js";
import { EmptyState } from "./emptyState.js";
import { Legend } from "./legend.js";
import { labelLimits } from "./limitLabels.js";
import { PanelHead } from "./panelHead.js";
import { createKind } from "./panelKinds.js";
import { PanelLabels } from "./panelLabels.js";
import { commonUnit } from "./panelSpec.js";
import { deriveTitle } from "./panelTitle.js";
import { Readout } from "./readout.js";
import { ScrollHint } from "./scrollHint.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {import("./panelSpec.js").PanelSpec} PanelSpec */
/**
 * @typedef {object} PanelOptions
 * @property {import("../../view/timeView.js").TimeView} view
 * @property {import("../../chart/theme.js").Theme} theme
 * @property {import("../../format.js").TimeFormat} format
 * @property {import("../seriesSelection.js").SeriesSelection} selection
 * @property {import("../selection/rangeSelection.js").RangeSelection} rangeSelection
 * @property {import("../seriesLabels.js").Labels} labels
 * @property {() => { busy: boolean, isAway: boolean }} loading the state of loading history
 * @property {import("../../feed/increaseLoader.js").IncreaseServer} increases
 * @property {import("../compare/comparison.js").Comparison} comparison
 * @property {(series: Series) => void} editSeries
 * @property {(panel: Panel | null, x: number) => void} onPoint reports the pixel below the pointer
 * @property {(time: number | null) => void} onCursor reports the time of the cursor of the keys
 * @property {(panel: Panel | null) => void} showFullScreen shows a panel alone, or all with null
 */

/** Milliseconds between updates of the newest values, so that a value can be read. */
const VALUES_INTERVAL_MS = 150;
/** Milliseconds between updates of the statistics. */
const STATS_INTERVAL_MS = 500;
/** Milliseconds between updates of the description for screen readers while only time passes. */
const DESCRIPTION_INTERVAL_MS = 5_000;
/** With more series than this the legend is a list of rows beside the chart. */
const MAX_TILES = 4;

let panelCount = 0;

/** One panel of the board: title, menu, legend, chart and tooltip. */
export class Panel {
  /** @type {Series[]} */
  series = [];
  /** What is drawn for the series that are not hidden. @type {Series[]} */
  plottedSeries = [];
  /** Unit that all values share, or null. @type {string | null} */
  unit = null;
  /** Colours of its series. */
  styles = new LineStyles();
  #derivedTitle = "";
  #valuesAt = -Infinity;
  #statsAt = -Infinity;
  #descriptionAt = -Infinity;
  /** Window and loaded history that the description is of. */
  #describedKey = "";
  #themeRevision = 0;

  /**
   * @param {PanelSpec} spec
   * @param {HTMLElement} root gets the panel at once: a chart needs its size from the start
   * @param {PanelOptions} options
   */
  constructor(spec, root, options) {
    this.spec = spec;
    this.labels = new PanelLabels(options.labels);
    this.options = { ...options, labels: this.labels };
    this.kind = createKind(spec, this.options, () => this.#onLoaded());
    const { selection } = options;
    const actions = {
      toggleHidden: (/** @type {string} */ name) => selection.toggleHidden(name),
      isolate: (/** @type {string} */ name) => selection.isolate(name, this.names),
      edit: options.editSeries,
    };
    this.legend = new Legend(actions, this.labels, this.styles, this.kind.figures);
    this.emptyState = new EmptyState(() => this.#leaveEmptyState());
    this.canvas = createElement("canvas", "");
    this.description = createElement("p", "visually-hidden");
    this.description.id = `description-${++panelCount}`;
    this.canvas.setAttribute("aria-describedby", this.description.id);
    this.head = new PanelHead((full) => options.showFullScreen(full ? this : null));
    this.scrollHint = new ScrollHint(this.legend.element);
    const legendParts = [this.legend.element, this.scrollHint.element];
    this.legendPlace = createElement("div", "panel-legend", ...legendParts);
    this.readout = new Readout(this, this.options);
    const layers = [this.canvas, ...this.readout.elements, this.emptyState.element];
    this.stage = createElement("div", "panel-plot", ...layers);
    const parts = [this.head.element, this.legendPlace, this.stage, this.description];
    this.element = createElement("figure", "panel", ...parts);
    this.element.dataset.panel = spec.id;
    this.element.dataset.type = spec.type;
    root.append(this.element);
    this.plot = new Plot(this.canvas, options.theme, this.kind.marks);
    this.plot.styles = this.styles;
    const selected = options.rangeSelection.on(this);
    this.gestures = new Gestures(this.canvas, this.plot, options.view, selected);
  }

  get id() {
    return this.spec.id;
  }

  /** Title that is set, otherwise the quantity that the series show. */
  get title() {
    const { title, type } = this.spec;
    return title ?? (type === "states" ? "States" : this.#derivedTitle);
  }

  /** @param {boolean} isFullScreen true if the board shows this panel alone */
  set isFullScreen(isFullScreen) {
    this.element.classList.toggle("full-screen", isFullScreen);
    this.head.isFullScreen = isFullScreen;
  }

  /**
   * Add an entry to the panel's menu.
   *
   * @param {string} label
   * @param {() => void} action
   * @returns {HTMLButtonElement} the entry
   */
  addMenuEntry(label, action) {
    return this.menu.addEntry(label, action);
  }

  /** The menu of its head. */
  get menu() {
    return this.head.menu;
  }

  /** Pixels of the legend that have no room in a panel of a given height. */
  get overflow() {
    const [{ bottom }, panel] = [this.legendPlace, this.element].map((one) =>
      one.getBoundingClientRect());
    return Math.max(0, bottom - panel.bottom);
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

  /**
   * Show these series as a specification of the same type says.
   *
   * @param {PanelSpec} spec
   * @param {Series[]} series
   */
  show(spec, series) {
    this.spec = spec;
    this.series = series;
    const { derive } = this.kind;
    const shown = derive ? series.map(derive) : series;
    this.#derivedTitle = deriveTitle(shown);
    this.labels.update(series, this.title, spec.title !== null);
    this.#setUnit(commonUnit(shown));
    this.styles.assign(series);
    this.plot.restyle();
    this.#themeRevision = 0;
    this.element.classList.toggle("crowded", series.length > MAX_TILES);
    this.legend.show(series);
    this.element.style.setProperty("--lanes", String(series.length));
    this.scrollHint.observe();
    this.updateHidden();
  }

  /** @param {string | null} unit */
  #setUnit(unit) {
    const { selection } = this.options;
    this.unit = unit;
    this.element.dataset.unit = unit ?? "";
    this.head.show(this.title, unit);
    this.element.ariaLabel = this.title;
    this.plot.unit = unit;
    this.plot.limits = labelLimits(selection.limitsOf(unit, this.spec.limits), unit);
  }

  /** Apply which series are hidden, and update the legend in the next frame. */
  updateHidden() {
    const { derive } = this.kind;
    this.plottedSeries = derive ? this.shownSeries.map(derive) : this.shownSeries;
    this.legend.updateHidden(this.options.selection.hidden);
    this.#valuesAt = this.#statsAt = this.#descriptionAt = -Infinity;
    this.plot.invalidate();
  }

  /** Draw the window of the view. */
  draw(offScreen = false) {
    this.#updateLegend();
    const isDrawn = this.plot.draw(this.options.view, this.plottedSeries, offScreen);
    // A chart off the screen does not know its readings until it is drawn.
    if (isDrawn || this.plot.screenWatch.isOnScreen) this.#updateEmptyState();
    if (!isDrawn) return;
    this.element.dataset.points = String(this.plot.readingCount);
    this.readout.update();
  }

  #onLoaded() {
    this.plot.invalidate();
    this.#valuesAt = this.#statsAt = this.#descriptionAt = -Infinity;
  }

  remove() {
    this.readout.remove();
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
    this.legend.updateValues(view);
    const leftOut = this.plot.hasLeftOut ? "without values of 0 and below" : "";
    this.head.setFigure(this.kind.headline?.(this.shownSeries) ?? leftOut);
    if (time - this.#statsAt < STATS_INTERVAL_MS) return;
    this.#statsAt = time;
    this.legend.updateStats(view);
    this.#updateAbsences();
    const key = describedKey(view.range, this.shownSeries);
    const isCurrent = key === this.#describedKey;
    if (isCurrent && time - this.#descriptionAt < DESCRIPTION_INTERVAL_MS) return;
    this.#descriptionAt = time;
    this.#describedKey = key;
    this.#updateDescription();
  }

  /** Find out where and why the chart has no line. */
  #updateAbsences() {
    const { view, format, loading } = this.options;
    const formatTime = (/** @type {number} */ time) => format.shortTime(time, view.now);
    const { isAway } = loading();
    const { plot } = this;
    plot.absenceLabels.show(
      findAbsences(this.shownSeries, view, plot.gaps, isAway, formatTime),
    );
  }

  #updateEmptyState() {
    if (this.plot.readingCount) {
      this.emptyState.show(null);
      return;
    }
    const { live, range } = this.options.view;
    const { busy: loading, isAway: failed } = this.kind.loader ?? this.options.loading();
    const showsAll = "span" in range && range.span === Infinity;
    const noSeries = !this.series.length;
    const allHidden = !this.shownSeries.length;
    this.emptyState.show({ noSeries, allHidden, live, showsAll, loading, failed });
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

  /** Describe the chart for screen readers. */
  #updateDescription() {
    const missing = this.plot.gaps.length ? "; readings are missing" : "";
    const { view, format, labels } = this.options;
    const names = this.series.map((series) => labels.of(series));
    this.canvas.ariaLabel = `${this.kind.noun}: ${names.join(", ")}${missing}`;
    const described = this.shownSeries.map((series) => ({ series, label: labels.of(series) }));
    this.description.textContent = describeChart(described, view, format, this.kind.figures);
  }
}
