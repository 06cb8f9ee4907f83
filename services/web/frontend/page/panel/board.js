import { Panel } from "./panel.js";

/** @typedef {import("../../store/series.js").Series} Series */

/** All charts of the page: one panel for each unit, in the order in which the units arrive. */
export class Board {
  /** @type {Map<string | null, Panel>} */
  #panels = new Map();
  /** The panel below the pointer, and the pointer's pixel on its chart. */
  #pointer = { panel: /** @type {Panel | null} */ (null), x: 0 };
  #layoutVersion = -1;

  /**
   * @param {HTMLElement} root
   * @param {import("../../store/seriesStore.js").SeriesStore} store
   * @param {Omit<import("./panel.js").PanelOptions, "onPoint">} options
   */
  constructor(root, store, options) {
    this.root = root;
    this.store = store;
    this.options = {
      ...options,
      onPoint: (/** @type {Panel | null} */ panel, /** @type {number} */ x) => {
        this.#pointer = { panel, x };
      },
    };
    options.selection.addEventListener("change", () => {
      for (const panel of this.panels) panel.updateHidden();
    });
  }

  /** Redraw all charts in the next frame. */
  invalidate() {
    for (const { plot } of this.panels) plot.invalidate();
  }

  get panels() {
    return [...this.#panels.values()];
  }

  /** All series that are not hidden, chart by chart. */
  get shownSeries() {
    return this.panels.flatMap((panel) => panel.shownSeries);
  }

  /** Seconds in one column of pixels. */
  get columnSeconds() {
    const { from, to } = this.options.view;
    const widths = this.panels.map(({ plot }) => plot.area?.width ?? 0);
    return (to - from) / Math.max(1, ...widths);
  }

  /**
   * Draw all charts, also those scrolled out of view, and return them for a picture.
   *
   * @returns {import("../export/picture.js").PictureChart[]}
   */
  pictureCharts() {
    return this.panels.map(({ unit, legend, shownSeries, canvas, plot }) => {
      plot.draw(this.options.view, shownSeries, true);
      const names = new Set(shownSeries.map(({ name }) => name));
      const lines = legend.lines.filter(({ name }) => names.has(name));
      return { unit: unit ?? "", lines, canvas };
    });
  }

  /** Draw all charts with a common crosshair and a common width of their value axes. */
  draw() {
    if (this.#layoutVersion !== this.store.layoutVersion) this.#updateLayout();
    const { panels } = this;
    const crosshair = this.#crosshairTime();
    for (const panel of panels) {
      panel.plot.gaps = this.store.gaps;
      panel.plot.crosshair = crosshair;
      panel.draw();
    }
    const axisWidth = Math.max(0, ...panels.map(({ plot }) => plot.requiredAxisWidth));
    for (const { plot } of panels) plot.axisWidth = axisWidth;
  }

  /** @returns {number | null} seconds; null if the pointer is beside the lines of a chart */
  #crosshairTime() {
    const { panel, x } = this.#pointer;
    if (!panel) return null;
    const { left, right } = panel.plot.area;
    return x >= left && x <= right ? panel.plot.timeAt(x) : null;
  }

  #updateLayout() {
    this.#layoutVersion = this.store.layoutVersion;
    const units = groupByUnit(this.store.series.values());
    for (const [unit, panel] of this.#panels) {
      if (units.has(unit)) continue;
      panel.remove();
      this.#panels.delete(unit);
    }
    for (const [unit, series] of units) {
      const panel = this.#panels.get(unit) ?? new Panel(unit, this.root, this.options);
      this.#panels.set(unit, panel);
      panel.show(series);
      this.root.append(panel.element);
    }
    this.root.dataset.panels = String(units.size);
  }
}

/**
 * @param {Iterable<Series>} all
 * @returns {Map<string | null, Series[]>}
 */
function groupByUnit(all) {
  const groups = new Map();
  for (const series of all) {
    const group = groups.get(series.unit);
    if (group) group.push(series);
    else groups.set(series.unit, [series]);
  }
  return groups;
}
