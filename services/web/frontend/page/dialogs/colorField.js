import { PALETTES } from "../../chart/palette.js";
import { colorName } from "../../chart/setColor.js";
import { createElement } from "../dom.js";

/** @typedef {{ label: HTMLLabelElement, radio: HTMLInputElement }} Choice */

/** Colour that the field for an own colour begins with. */
const FIRST_OWN_COLOR = "#808080";

/** A choice of a colour: automatic, one of the palette, or an own one. */
export class ColorField {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.own = createElement("input", "color-own");
    this.own.type = "color";
    this.own.setAttribute("aria-label", "Pick an own colour");
    this.ownChoice = createChoice("own", "Own");
    this.choices = [
      createChoice("", "Automatic"),
      ...PALETTES.light.map((_color, slot) => createSwatch(slot)),
      this.ownChoice,
    ];
    root.append(...this.choices.map(({ label }) => label), this.own);
    this.own.addEventListener("input", () => {
      this.ownChoice.radio.checked = true;
    });
  }

  /** Colour as `#rrggbb`; null for the automatic one. @returns {string | null} */
  get value() {
    const chosen = this.choices.find(({ radio }) => radio.checked)?.radio.value;
    return (chosen === "own" ? this.own.value : chosen) || null;
  }

  set value(color) {
    const choice = this.choices.find(({ radio }) => radio.value === (color ?? ""));
    (choice ?? this.ownChoice).radio.checked = true;
    this.own.value = color ?? FIRST_OWN_COLOR;
  }
}

/**
 * @param {string} value
 * @param {string} text
 * @returns {Choice}
 */
function createChoice(value, text) {
  const radio = createElement("input", "");
  radio.type = "radio";
  radio.name = "color";
  radio.value = value;
  return { label: createElement("label", "color-choice", radio, text), radio };
}

/**
 * Make the choice of a colour of the palette, which differs between the schemes.
 *
 * @param {number} slot
 * @returns {Choice}
 */
function createSwatch(slot) {
  const [light, dark] = [PALETTES.light[slot], PALETTES.dark[slot]];
  const choice = createChoice(light, "");
  choice.label.classList.add("color-swatch");
  choice.label.title = colorName(light);
  choice.label.style.setProperty("--color", `light-dark(${light}, ${dark})`);
  choice.radio.setAttribute("aria-label", colorName(light));
  return choice;
}
