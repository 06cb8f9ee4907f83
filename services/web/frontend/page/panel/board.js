import { automaticSpecs, MAX_COUNTER_LINE_SECONDS } from "./automaticSpecs.js";
import { FullScreen } from "./fullScreen.js";
import { chartSize, chooseKioskColumns } from "./kioskGrid.js";
import { rememberLegendFocus } from "./legendFocus.js";
import { Panel } from "./panel.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {import("./panelSpec.js").PanelSpec} PanelSpec */

/** With more panels than this, a very wide screen has two columns. */
const MAX_SINGLE_COLUMN_PANELS = 4;

/** All panels of the page, in the given or an automatic arrangement. */
export class Board {
  /** Panels by their id, in the order of the board. @type {Map<string, Panel>} */
  #panels = new Map();
  /** The given arrangement; null arranges the panels automatically. @type {PanelSpec[] | null} */
  #specs = null;
  /** Number of columns on wide screens; null chooses it. @type {number | null} */
  #columns = null;
  /** The panel below the pointer, and the pointer's pixel on its chart. */
  #pointer = { panel: /** @type {Panel | null} */ (null), x: 0 };
  /** Time of the crosshair if keys have moved it, in seconds. @type {number | null} */
  #cursorTime = null;
  #layoutVersion = -1;
  /** Called with each new panel. */
  onPanelAdded = (/** @type {Panel} */ _panel) => {};
  /** True if the automatic arrangement is for a window in which counters are bars. */
  #hasLongWindow = false;
  /** True if a legend has another size than at the last choice of columns. */
  #hasNewLegends = false;
  #legendSizes;
  /** Number of columns of the grid as it is displayed. */
  #columnCount = 1;

  /**
   * @param {HTMLElement} root
   * @param {import("../../store/seriesStore.js").SeriesStore} store
   * @param {Omit<import("./panel.js").PanelOptions, "onPoint" | "onCursor" | "showFullScreen">} options
   */
  constructor(root, store, options) {
    this.root = root;
    this.store = store;
    this.fullScreen = new FullScreen(() => this.#updateFullScreen());
    this.options = {
      ...options,
      onPoint: (/** @type {Panel | null} */ panel, /** @type {number} */ x) => {
        this.#pointer = { panel, x };
        this.#cursorTime = null;
      },
      onCursor: (/** @type {number | null} */ time) => {
        this.#cursorTime = time;
        this.#pointer.panel = null;
      },
      showFullScreen: (/** @type {Panel | null} */ panel) => {
        if (panel) this.fullScreen.show(panel.id);
        else this.fullScreen.leave();
      },
    };
    options.selection.addEventListener("change", () => {
      for (const panel of this.panels) panel.updateHidden();
    });
    new ResizeObserver(() => this.#measureColumns()).observe(root);
    this.#legendSizes = new ResizeObserver(() => {
      this.#hasNewLegends = true;
    });
  }

  /**
   * Arrange the panels in the next frame.
   *
   * @param {PanelSpec[] | null} specs null arranges them automatically
   */
  arrange(specs) {
    this.#specs = specs;
    this.#layoutVersion = -1;
  }

  /** Number of columns on wide screens; null chooses it by the number of panels. */
  get columns() {
    return this.#columns;
  }

  set columns(columns) {
    this.#columns = columns;
    this.#updateColumns();
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
    return [...new Set(this.panels.flatMap((panel) => panel.shownSeries))];
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
    const { dark } = this.options.theme;
    return this.panels.map(({ head, legend, shownSeries, plottedSeries, canvas, plot }) => {
      plot.draw(this.options.view, plottedSeries, true);
      const names = new Set(shownSeries.map(({ name }) => name));
      const lines = legend.lines(dark).filter(({ name }) => names.has(name));
      return { title: head.text, lines, canvas };
    });
  }

  /** Draw all charts with a common crosshair; value axes of a column have the same width. */
  draw() {
    const hasLongWindow = this.options.view.span > MAX_COUNTER_LINE_SECONDS;
    const isSame = this.#layoutVersion === this.store.layoutVersion;
    if (!isSame || hasLongWindow !== this.#hasLongWindow) this.#updateLayout();
    if (this.#hasNewLegends) this.#measureColumns();
    const { panels } = this;
    const crosshair = this.#crosshairTime();
    const { range } = this.options.rangeSelection;
    for (const panel of panels) {
      panel.plot.gaps = this.store.gaps;
      panel.plot.crosshair = crosshair;
      panel.plot.selection = range;
      panel.draw();
    }
    for (let column = 0; column < this.#columnCount; column++) this.#alignAxes(panels, column);
  }

  /**
   * @param {Panel[]} panels
   * @param {number} column
   */
  #alignAxes(panels, column) {
    let width = 0;
    for (let i = column; i < panels.length; i += this.#columnCount) {
      width = Math.max(width, panels[i].plot.requiredAxisWidth);
    }
    for (let i = column; i < panels.length; i += this.#columnCount) {
      panels[i].plot.axisWidth = width;
    }
  }

  /** The panel below the pointer, otherwise the first one; null without panels. */
  get currentPanel() {
    return this.#pointer.panel ?? this.panels[0] ?? null;
  }

  /** Time below the pointer, otherwise the middle of the window, in seconds. */
  get currentTime() {
    const { from, to } = this.options.view;
    return this.#crosshairTime() ?? (from + to) / 2;
  }

  /** @returns {number | null} seconds; null if the pointer is beside the lines of a chart */
  #crosshairTime() {
    const { panel, x } = this.#pointer;
    if (!panel) return this.#cursorTime;
    const { left, right } = panel.plot.area;
    return x >= left && x <= right ? panel.plot.timeAt(x) : null;
  }

  #updateLayout() {
    this.#layoutVersion = this.store.layoutVersion;
    const restoreFocus = rememberLegendFocus(this.root);
    const { span } = this.options.view;
    this.#hasLongWindow = span > MAX_COUNTER_LINE_SECONDS;
    const specs = this.#specs ?? automaticSpecs(this.store.series.values(), span);
    const old = this.#panels;
    this.#panels = new Map();
    for (const spec of specs) {
      const existing = old.get(spec.id);
      const panel = existing && isSameKind(existing.spec, spec) ? existing : this.#addPanel(spec);
      this.#panels.set(spec.id, panel);
      panel.show(spec, spec.series.flatMap((name) => this.store.series.get(name) ?? []));
    }
    for (const panel of old.values()) if (this.#panels.get(panel.id) !== panel) this.#remove(panel);
    // A chart that moves in the document keeps its size, but a focused button loses the focus.
    const elements = this.panels.map(({ element }) => element);
    const isInOrder = elements.every((element, i) => this.root.children[i] === element);
    if (!isInOrder) this.root.append(...elements);
    restoreFocus();
    this.#updateColumns();
    this.#updateFullScreen();
  }

  /** @param {PanelSpec} spec */
  #addPanel(spec) {
    const panel = new Panel(spec, this.root, this.options);
    this.onPanelAdded(panel);
    this.#legendSizes.observe(panel.legend.element);
    return panel;
  }

  /** @param {Panel} panel */
  #remove(panel) {
    this.#legendSizes.unobserve(panel.legend.element);
    panel.remove();
  }

  #updateColumns() {
    const count = this.#panels.size;
    this.root.dataset.panels = String(count);
    const automatic = count > MAX_SINGLE_COLUMN_PANELS ? "automatic" : "1";
    this.root.dataset.columns = String(this.#columns ?? automatic);
    this.#measureColumns();
  }

  /** Show one panel alone, or all if the address names none that exists. */
  #updateFullScreen() {
    const { panelId } = this.fullScreen;
    const isAlone = panelId !== null && this.#panels.has(panelId);
    this.root.toggleAttribute("data-full-screen", isAlone);
    for (const panel of this.#panels.values()) panel.isFullScreen = isAlone && panel.id === panelId;
    this.#measureColumns();
  }

  /** Find out how many columns the style sheet gives, and put legends beside or above the charts. */
  #measureColumns() {
    this.#hasNewLegends = false;
    this.#updateKioskGrid();
    const { display, gridTemplateColumns } = getComputedStyle(this.root);
    this.#columnCount = display === "grid" ? gridTemplateColumns.split(" ").length : 1;
    const isCrowded = this.panels.some(({ element }) => element.matches(".crowded"));
    this.root.toggleAttribute("data-side-legends", isCrowded && this.#columnCount === 1);
  }

  /** Choose the columns of kiosk view, where all panels share the screen. */
  #updateKioskGrid() {
    if (!document.documentElement.hasAttribute("data-kiosk")) return;
    const isAlone = this.root.hasAttribute("data-full-screen");
    const setColumns = (/** @type {number} */ columns) =>
      this.root.style.setProperty("--kiosk-columns", String(columns));
    const sizeWith = (/** @type {number} */ columns) => {
      setColumns(columns);
      return Math.min(...this.panels.map(({ stage, overflow }) =>
        chartSize(stage.clientWidth, stage.clientHeight) - overflow));
    };
    setColumns(isAlone ? 1 : chooseKioskColumns(this.#panels.size, sizeWith));
  }
}

/**
 * Return true if a panel can go on with another specification; others need new charts.
 *
 * @param {PanelSpec} old
 * @param {PanelSpec} spec
 */
function isSameKind(old, spec) {
  const keys = [old, spec].map(({ type, axis, band, per }) =>
    JSON.stringify([type, axis, band, per]),
  );
  return keys[0] === keys[1];
}
