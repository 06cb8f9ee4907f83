import { sortNaturally } from "../page/naturalOrder.js";
import { paletteStyle } from "./palette.js";
import { visibleColor } from "./setColor.js";

/** @typedef {{ name: string, color?: string | null }} StyledSeries */

/**
 * Hands out colours and dash patterns to the series of one chart.
 *
 * Series get the slots of the palette in the natural order of their names, so a reload gives the
 * same colours. A series keeps its slot while others join or leave.
 */
export class LineStyles {
  /** Slots of the current series by name. @type {Map<string, number>} */
  #slots = new Map();
  /** The last slot of each series that the chart has had. @type {Map<string, number>} */
  #remembered = new Map();

  /**
   * Give each series a slot. A colour that a user has set needs none.
   *
   * @param {StyledSeries[]} series all series of the chart
   */
  assign(series) {
    const names = series.filter(({ color }) => !color).map(({ name }) => name);
    const current = new Set(names);
    for (const name of this.#slots.keys()) if (!current.has(name)) this.#slots.delete(name);
    for (const name of sortNaturally(names, (one) => one)) this.#slotOf(name);
  }

  /**
   * Return the colour and the dash pattern of a series.
   *
   * @param {StyledSeries} series
   * @param {boolean} dark true on a dark background
   * @returns {import("./palette.js").PaletteStyle}
   */
  of({ name, color }, dark) {
    if (color) return { color: visibleColor(color, dark), dash: [] };
    return paletteStyle(this.#slotOf(name), dark);
  }

  /** @param {string} name */
  #slotOf(name) {
    let slot = this.#slots.get(name);
    if (slot !== undefined) return slot;
    const used = new Set(this.#slots.values());
    slot = this.#remembered.get(name) ?? 0;
    if (used.has(slot)) for (slot = 0; used.has(slot); ) slot++;
    this.#slots.set(name, slot);
    this.#remembered.set(name, slot);
    return slot;
  }
}
