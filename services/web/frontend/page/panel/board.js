import { Panel } from "./panel.js";

/** @typedef {import("../../store/series.js").Series} Series */

/** The charts of the page: one for each unit, in the order in which the units came. */
export class Board {
  /** @type {Map<string | null, Panel>} */
  #panels = new Map();
  /** Where is pointed at: a panel, and a pixel of its chart. */
  #pointer = { panel: /** @type {Panel | null} */ (null), x: 0 };
  #layout = -1;

  /**
   * @param {HTMLElement} root
   * @param {import("../../store/seriesStore.js").SeriesStore} store
   * @param {Omit<import("./panel.js").PanelParts, "onPoint">} parts
   */
  constructor(root, store, parts) {
    this.root = root;
    this.store = store;
    this.parts = {
      ...parts,
      onPoint: (/** @type {Panel | null} */ panel, /** @type {number} */ x) => {
        this.#pointer = { panel, x };
      },
    };
    parts.selection.addEventListener("change", () => {
      for (const panel of this.panels) panel.mark();
    });
  }

  /** Draw everything in the next frame, whatever has changed. */
  invalidate() {
    for (const { plot } of this.panels) plot.invalidate();
  }

  get panels() {
    return [...this.#panels.values()];
  }

  /** The series that are not switched off, chart by chart. */
  get shown() {
    return this.panels.flatMap(({ shown }) => shown);
  }

  /** The charts as they are now, for a picture. @returns {import("../export/picture.js").Figure[]} */
  get figures() {
    return this.panels.map(({ unit, legend, shown, canvas, plot }) => {
      // A chart that is scrolled away has not been drawn.
      plot.draw(this.parts.view, shown, true);
      const lines = legend.lines.filter(({ name }) => shown.some((series) => series.name === name));
      return { unit: unit ?? "", lines, canvas };
    });
  }

  /** Seconds of a column of pixels. */
  get column() {
    const { from, to } = this.parts.view;
    const widths = this.panels.map(({ plot }) => plot.area?.width ?? 0);
    return (to - from) / Math.max(1, ...widths);
  }

  /** Draw all charts, with one crosshair through them. */
  frame() {
    if (this.#layout !== this.store.layoutVersion) this.#arrange();
    const { panels } = this;
    const { panel: pointed, x } = this.#pointer;
    const inside = pointed && x >= pointed.plot.area.left && x <= pointed.plot.area.right;
    const crosshair = inside ? pointed.plot.timeAt(x) : null;
    for (const panel of panels) {
      panel.plot.gaps = this.store.gaps;
      panel.plot.crosshair = crosshair;
      panel.frame();
    }
    const width = Math.max(0, ...panels.map(({ plot }) => plot.requiredAxisWidth));
    for (const { plot } of panels) plot.axisWidth = width;
  }

  #arrange() {
    this.#layout = this.store.layoutVersion;
    const units = byUnit(this.store.series.values());
    for (const [unit, panel] of this.#panels) {
      if (units.has(unit)) continue;
      panel.remove();
      this.#panels.delete(unit);
    }
    for (const [unit, series] of units) {
      const panel = this.#panels.get(unit) ?? new Panel(unit, this.root, this.parts);
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
function byUnit(all) {
  const units = new Map();
  for (const series of all) {
    const others = units.get(series.unit);
    if (others) others.push(series);
    else units.set(series.unit, [series]);
  }
  return units;
}
