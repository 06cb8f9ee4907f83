import { MAX_CROSSHAIR_DISTANCE } from "../../chart/plot.js";
import { byId } from "../dom.js";
import { readingRows } from "../readingRows.js";
import { missingReason } from "./absences.js";
import { ChartCursor } from "./chartCursor.js";
import { trackPointer } from "./pointerTracking.js";
import { Tooltip } from "./tooltip.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {import("./panel.js").Panel} Panel */

/** Pixels on each side of the pointer in which the tooltip avoids the lines. */
const TOOLTIP_MARGIN = 360;

/** The readout of a chart: the tooltip at the crosshair, and the pointer and the keys that move it. */
export class Readout {
  #removal = new AbortController();

  /**
   * @param {Panel} panel
   * @param {import("./panel.js").PanelOptions} options
   */
  constructor(panel, options) {
    this.panel = panel;
    this.options = options;
    this.tooltip = new Tooltip(options.format, options.labels);
    const onPoint = (/** @type {number | null} */ x) =>
      options.onPoint(x === null ? null : panel, x ?? 0);
    trackPointer(panel.canvas, onPoint, this.#removal.signal);
    const { view } = options;
    const chart = {
      canvas: panel.canvas,
      series: () => panel.plottedSeries,
      window: () => ({ from: view.from, to: view.to }),
      columnSeconds: () => view.span / Math.max(1, panel.plot.area.width),
      onMove: options.onCursor,
    };
    this.cursor = new ChartCursor(chart, this.#removal.signal);
  }

  /** The elements of the tooltip and of what is read out. */
  get elements() {
    return [this.tooltip.element, this.cursor.announcement];
  }

  /** Show the tooltip at the crosshair, or hide it. */
  update() {
    const { plot } = this.panel;
    const { crosshair, crosshairPoints } = plot;
    const x = crosshair === null ? NaN : plot.timeScale.getPixelForValue(crosshair);
    const { left, right } = plot.area;
    if (crosshair === null || !crosshairPoints.length || x < left - 1 || x > right + 1) {
      this.tooltip.hide();
      return;
    }
    const columnSeconds = this.options.view.span / (right - left);
    const points = crosshairPoints.map((point) => {
      const maxDistance = columnSeconds * MAX_CROSSHAIR_DISTANCE;
      const compared = this.panel.kind.comparedTextOf(point, crosshair, maxDistance);
      if (point.value !== null) return compared ? { ...point, compared } : point;
      return { ...point, compared, reason: this.reasonAt(point.series, crosshair) };
    });
    const area = { ...this.#visibleArea(), selection: this.#selectionPixels() };
    this.tooltip.show(crosshair, columnSeconds, points, x, area, this.#linePointsNear(x));
    this.cursor.announce(() => this.tooltip.describe(crosshair, columnSeconds, points));
  }

  remove() {
    this.#removal.abort();
  }

  /**
   * Return why a series has no value at a time.
   *
   * @param {Series} series
   * @param {number} time seconds
   */
  reasonAt(series, time) {
    const { format, loading, view } = this.options;
    const formatTime = (/** @type {number} */ since) => format.shortTime(since, view.now);
    return missingReason(series, time, this.panel.plot.gaps, loading(), formatTime);
  }

  /** The selection in pixels, or null. */
  #selectionPixels() {
    const { selection, timeScale } = this.panel.plot;
    if (!selection) return null;
    const [left, right] = [selection.from, selection.to].map((time) =>
      timeScale.getPixelForValue(time),
    );
    return { left, right };
  }

  /** The part of the chart that is on the screen and not below the page's head. */
  #visibleArea() {
    const { plot, stage } = this.panel;
    const { area } = plot;
    const stageTop = stage.getBoundingClientRect().top;
    const headBottom = Math.ceil(byId("topbar").getBoundingClientRect().bottom - stageTop);
    const above = Math.max(0, Math.min(this.#heightAbove(), -headBottom));
    const top = Math.max(area.top, headBottom);
    const bottom = Math.min(area.bottom, window.innerHeight - stageTop);
    return top < bottom ? { ...area, above, top, bottom } : { ...area, above };
  }

  /** Height in pixels of the legend above the chart, which a tooltip may cover; 0 beside it. */
  #heightAbove() {
    const { legendPlace, stage } = this.panel;
    const { offsetTop, offsetHeight } = legendPlace;
    return offsetTop + offsetHeight <= stage.offsetTop ? offsetHeight : 0;
  }

  /** @param {number} x pixels */
  #linePointsNear(x) {
    const { plot, plottedSeries } = this.panel;
    const [from, to] = [plot.timeAt(x - TOOLTIP_MARGIN), plot.timeAt(x + TOOLTIP_MARGIN)];
    const columnSeconds = (to - from) / (2 * TOOLTIP_MARGIN);
    return plottedSeries.flatMap((series) =>
      Array.from(readingRows(series, from, to, columnSeconds), ({ time, value }) => ({
        x: plot.timeScale.getPixelForValue(time),
        y: plot.valueScale.getPixelForValue(value),
      })),
    );
  }
}
