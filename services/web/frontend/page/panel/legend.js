import { formatAge, joinParts } from "../../format.js";
import { shownReading } from "../../store/shownReading.js";
import { createElement, setText } from "../dom.js";
import { isStale } from "../status/health.js";
import { MEASURE_FIGURES } from "./figures.js";

/** @typedef {import("../../store/series.js").Series} Series */
/**
 * @typedef {object} LegendEntry
 * @property {Series} series
 * @property {HTMLLIElement} item
 * @property {HTMLButtonElement} button
 * @property {HTMLButtonElement} onlyButton
 * @property {HTMLElement} value
 * @property {HTMLElement} unit
 * @property {HTMLElement} stats
 * @property {import("./figures.js").ShownReading | null} shown reading that is displayed
 * @property {string} valueKey data and range that `shown` was found for; "" while live
 * @property {string} statsKey data, range and age that `stats` was computed for
 * @property {string} statsText content of `stats`
 */
/** @typedef {{ from: number, to: number, now: number, live: boolean }} LegendView seconds */
/**
 * @typedef {object} LegendActions
 * @property {(name: string) => void} toggleHidden
 * @property {(name: string) => void} isolate
 * @property {(series: Series) => void} edit
 */
/**
 * @typedef {{ name: string, label: string, reading: string,
 *             style: import("../../chart/palette.js").PaletteStyle }} LegendLine
 */

/** The legend of a chart: for each series a button with its colour, newest value and statistics. */
export class Legend {
  /** @type {LegendEntry[]} */
  #entries = [];

  /**
   * @param {LegendActions} actions
   * @param {import("./panelLabels.js").PanelLabels} labels
   * @param {import("../../chart/lineStyles.js").LineStyles} styles
   * @param {import("./figures.js").Figures} [figures]
   */
  constructor(actions, labels, styles, figures = MEASURE_FIGURES) {
    this.actions = actions;
    this.figures = figures;
    this.labels = labels;
    this.styles = styles;
    this.element = createElement("ul", "legend");
  }

  /** @param {Series[]} series */
  show(series) {
    this.#entries = series.map((one) => this.#createEntry(one));
    this.element.replaceChildren(...this.#entries.map(({ item }) => item));
    this.element.style.setProperty("--rows", String(series.length));
  }

  /** @param {Set<string>} hidden names of hidden series */
  updateHidden(hidden) {
    const shown = this.#entries.filter(({ series }) => !hidden.has(series.name));
    for (const entry of this.#entries) {
      const isAlone = shown.length === 1 && shown[0] === entry && this.#entries.length > 1;
      entry.button.setAttribute("aria-pressed", String(shown.includes(entry)));
      entry.onlyButton.setAttribute("aria-pressed", String(isAlone));
    }
  }

  /** @param {boolean} dark true for the colours on a dark background */
  updateColors(dark) {
    for (const { series, button } of this.#entries) {
      const { color, dash } = this.styles.of(series, dark);
      button.style.setProperty("--line", color);
      button.dataset.dash = dash.length ? String(dash[0]) : "";
    }
  }

  /**
   * Show the newest values, or those at the end of a paused window.
   *
   * @param {LegendView} view
   */
  updateValues(view) {
    for (const entry of this.#entries) {
      const { series, value, unit } = entry;
      const source = this.figures.sourceOf?.(series) ?? series;
      const key = view.live ? "" : `${series.revision} ${view.from} ${view.to}`;
      if (!key || key !== entry.valueKey) entry.shown = shownReading(source, view);
      entry.valueKey = key;
      const shown = entry.shown && this.figures.parts(series, entry.shown);
      setText(value, shown?.number ?? "–");
      const text = shown?.unit ?? source.unit ?? "";
      setText(unit, text);
      // The title of the panel has the unit, but not the prefix, as in kW.
      unit.classList.toggle("prefixed", text !== (source.unit ?? ""));
    }
  }

  /**
   * Show the statistics of the visible range, which takes longer than the newest values.
   *
   * @param {LegendView} view
   */
  updateStats(view) {
    for (const entry of this.#entries) updateEntryStats(entry, this.figures, view);
  }

  /**
   * Return the label, the value and the style of each series.
   *
   * @param {boolean} dark true for the colours on a dark background
   * @returns {LegendLine[]}
   */
  lines(dark) {
    return this.#entries.map(({ series, shown }) => ({
      name: series.name,
      label: this.labels.of(series),
      reading: shown ? joinParts(this.figures.parts(series, shown)) : "–",
      style: this.styles.of(series, dark),
    }));
  }

  /**
   * @param {Series} series
   * @returns {LegendEntry}
   */
  #createEntry(series) {
    const { name } = series;
    const label = this.labels.of(series);
    const value = createElement("span", "legend-value");
    const unit = createElement("bdi", "legend-unit");
    const stats = createElement("span", "legend-stats");
    const button = createElement(
      "button",
      "legend-entry",
      createElement("span", "swatch"),
      createElement("bdi", "series-name", label),
      createElement("span", "legend-reading", value, unit),
      stats,
    );
    button.type = "button";
    button.title = name;
    button.dataset.series = name;
    button.addEventListener("click", () => this.actions.toggleHidden(name));
    const fullLabel = this.labels.page.of(series);
    const onlyButton = createActionButton("legend-only", "Only", `Show only ${fullLabel}`);
    onlyButton.addEventListener("click", () => this.actions.isolate(name));
    const editButton = createActionButton("legend-edit", "Edit", `Edit ${fullLabel}`);
    editButton.setAttribute("aria-haspopup", "dialog");
    editButton.dataset.needs = "admin";
    editButton.addEventListener("click", () => this.actions.edit(series));
    const buttons = createElement("span", "legend-actions", editButton, onlyButton);
    const item = createElement("li", "", button, buttons);
    const keys = { valueKey: "", statsKey: "", statsText: "" };
    return { series, item, button, onlyButton, value, unit, stats, shown: null, ...keys };
  }
}

/**
 * @param {LegendEntry} entry
 * @param {import("./figures.js").Figures} figures
 * @param {LegendView} view
 */
function updateEntryStats(entry, figures, { from, to, now: viewNow, live }) {
  const { series } = entry;
  const now = live ? viewNow : Math.min(to, viewNow);
  const newest = live && isStale(series, now) ? series.newest : null;
  const age = newest ? `Last data ${formatAge(now - newest.time)}` : "";
  const key = `${series.revision} ${series.unit} ${from} ${to} ${age} ${figures.versionAt(now)}`;
  if (key === entry.statsKey) return;
  entry.statsKey = key;
  const stats = figures.stats(series, from, to, now);
  const text = JSON.stringify([stats, age]);
  if (text === entry.statsText) return;
  entry.statsText = text;
  entry.stats.replaceChildren(
    ...(age ? [createElement("span", "legend-stale", age)] : []),
    ...stats.map(({ label, value }) => createStat(label, value)),
  );
}

/**
 * @param {string} label
 * @param {string} value
 */
function createStat(label, value) {
  const amount = createElement("bdi", "legend-amount", value);
  return createElement("span", "legend-stat", `${label} `, amount);
}

/**
 * @param {string} className
 * @param {string} text
 * @param {string} label for screen readers
 */
function createActionButton(className, text, label) {
  const button = createElement("button", className, text);
  button.type = "button";
  button.setAttribute("aria-label", label);
  return button;
}
