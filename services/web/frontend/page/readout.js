import { withUnit } from "../format.js";
import { element } from "./element.js";

/** @typedef {import("../chart/plot.js").Reading} Reading */

const DISTANCE = 14;

/** The box beside the pointer: the values there and their time. */
export class Readout {
  /** @param {import("../format.js").TimeFormat} format */
  constructor(format) {
    this.format = format;
    this.element = element("div", "readout");
    this.element.hidden = true;
  }

  /**
   * @param {Reading[]} readings the nearest first; none hides the box
   * @param {{ left: number, right: number, top: number, bottom: number }} area where to place it
   */
  show(readings, area) {
    this.element.hidden = !readings.length;
    if (!readings.length) return;
    const [nearest] = readings;
    const inOrder = [...readings].sort((a, b) => b.value - a.value);
    this.element.replaceChildren(
      element("time", "", this.format.moment(nearest.time)),
      ...inOrder.map((reading) => this.#row(reading, nearest.time)),
    );
    const [x, y] = this.#place(nearest, area).map(Math.round);
    this.element.style.setProperty("transform", `translate(${x}px, ${y}px)`);
  }

  /**
   * Beside the pointer; where it is too narrow for that, on the other half of the height.
   *
   * @param {Reading} nearest
   * @param {{ left: number, right: number, top: number, bottom: number }} area
   * @returns {[number, number]}
   */
  #place({ x, y }, { left, right, top, bottom }) {
    const { offsetWidth: width, offsetHeight: height } = this.element;
    if (x + DISTANCE + width <= right) return [x + DISTANCE, top];
    if (x - DISTANCE - width >= left) return [x - DISTANCE - width, top];
    return [(left + right - width) / 2, y > (top + bottom) / 2 ? top : bottom - height];
  }

  /**
   * @param {Reading} reading
   * @param {number} time what the box says already
   */
  #row({ series, time: own, value, color }, time) {
    const swatch = element("span", "swatch");
    swatch.style.setProperty("--line", color);
    const clock = this.format.clock(own);
    const other = clock === this.format.clock(time) ? "" : ` @ ${clock}`;
    return element(
      "p",
      "",
      swatch,
      element("bdi", "name", series.name),
      element("bdi", "value", withUnit(value, series.unit) + other),
    );
  }
}
