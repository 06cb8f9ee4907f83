import {
  formatCount,
  formatSeriesMean,
  formatSeriesParts,
  formatSeriesValue,
} from "../../format.js";
import { createElement } from "../dom.js";
import { formatIncrease, periodText } from "./increaseFigures.js";
import { heldDuration, stateText } from "./stateFigures.js";
import { tooltipPosition } from "./tooltipPosition.js";

/** @typedef {import("./tooltipPosition.js").Area} Area */
/** @typedef {import("./tooltipPosition.js").Point} Point */
/** @typedef {import("../../chart/crosshair.js").CrosshairPoint} CrosshairPoint */

/**
 * A point with why it has no value, and with the text that compares it with an earlier time.
 *
 * @typedef {CrosshairPoint & { reason?: string, compared?: string }} ReadoutPoint
 */

/** Rows of a tooltip; more would cover the whole chart. */
const MAX_ROWS = 16;

/** The box beside the pointer with the time and the value of each line. */
export class Tooltip {
  /** Slot of the current position; -1 while hidden. */
  #slot = -1;

  /**
   * @param {import("../../format.js").TimeFormat} format
   * @param {import("../seriesLabels.js").Labels} labels
   */
  constructor(format, labels) {
    this.format = format;
    this.labels = labels;
    this.element = createElement("div", "tooltip");
    this.element.hidden = true;
  }

  hide() {
    this.element.hidden = true;
    this.#slot = -1;
  }

  /**
   * Show the values at a time, the highest first; hide if the selection leaves no room.
   *
   * @param {number} time seconds
   * @param {number} columnSeconds seconds in one column of pixels
   * @param {ReadoutPoint[]} values
   * @param {number} x of the pointer
   * @param {Area} area where the tooltip fits
   * @param {Point[]} points of the lines, which it should not cover
   */
  show(time, columnSeconds, values, x, area, points) {
    this.element.hidden = false;
    const sorted = [...values].sort((a, b) => rank(b) - rank(a));
    const omitted = sorted.length > MAX_ROWS ? sorted.splice(MAX_ROWS).length : 0;
    this.element.replaceChildren(
      createElement("time", "", this.format.dateTime(time, columnSeconds)),
      ...sorted.map((value) => this.#createRow(value)),
      ...(omitted ? [createElement("p", "tooltip-missing", `${formatCount(omitted)} more`)] : []),
    );
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const position = tooltipPosition({ width, height }, x, area, points, this.#slot);
    if (!position) {
      this.hide();
      return;
    }
    this.#slot = position.slot;
    const [left, top] = [position.x, position.y].map(Math.round);
    this.element.style.transform = `translate(${left}px, ${top}px)`;
  }

  /**
   * Return what the tooltip shows as a sentence, to be read out.
   *
   * @param {number} time seconds
   * @param {number} columnSeconds seconds in one column of pixels
   * @param {ReadoutPoint[]} values
   */
  describe(time, columnSeconds, values) {
    const sorted = [...values].sort((a, b) => rank(b) - rank(a));
    const texts = sorted.map(
      (point) => `${this.labels.of(point.series)} ${valueText(point, this.format)}`,
    );
    return `${this.format.dateTime(time, columnSeconds)}: ${texts.join(", ")}`;
  }

  /** @param {ReadoutPoint} point */
  #createRow(point) {
    const swatch = createElement("span", "swatch");
    swatch.style.setProperty("--line", point.color);
    swatch.dataset.dash = point.dash.length ? String(point.dash[0]) : "";
    const name = createElement("bdi", "series-name", this.labels.of(point.series));
    const value = createElement("bdi", "tooltip-value", valueText(point, this.format));
    value.classList.toggle("tooltip-missing", point.value === null);
    const hasExtremes = point.min !== null && point.max !== point.min;
    const isLong = Boolean(point.compared) || point.since !== undefined || hasExtremes;
    value.classList.toggle("tooltip-long", isLong);
    return createElement("p", "", swatch, name, value);
  }
}

/**
 * @param {CrosshairPoint} point
 * @param {import("../../format.js").TimeFormat} format
 */
function heldText({ series, time, value, min, max, since = time, isExact = true }, format) {
  if (min !== null && max !== null && min !== max) {
    return `${stateText(series, min)} and ${stateText(series, max)}`;
  }
  const word = stateText(series, value ?? NaN);
  const length = heldDuration({ since, isExact }, time);
  return `${word} for ${length}, since ${format.shortTime(since, time)}`;
}

/** @param {CrosshairPoint} point */
const rank = ({ value }) => value ?? -Infinity;

/**
 * Return the value at the crosshair; of a bucket its mean and its range.
 *
 * @param {ReadoutPoint} point
 * @param {import("../../format.js").TimeFormat} [format] for a state: since when it is held
 */
export const valueText = (point, format) => presentText(point, format) + (point.compared ?? "");

/**
 * @param {ReadoutPoint} point
 * @param {import("../../format.js").TimeFormat} [format]
 */
function presentText(point, format) {
  const { series, value, min, max, period } = point;
  if (value === null) return point.reason ?? "no data";
  if (period) return `${formatIncrease(series, value)}, ${periodText(period)}`;
  if (point.since !== undefined && format) return heldText(point, format);
  if (min === null || max === null || min === max) return formatSeriesValue(series, value);
  const [low, high] = [min, max].map((end) => formatSeriesParts(series, end).number);
  return `${formatSeriesMean(series, value)} (${low} to ${high})`;
}
