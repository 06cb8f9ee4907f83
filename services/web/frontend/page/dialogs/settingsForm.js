import { byId } from "../dom.js";
import { ColorField } from "./colorField.js";
import { StateWordsField } from "./stateWordsField.js";

/** @typedef {import("../../store/seriesDescription.js").SeriesDescription} SeriesDescription */
/**
 * @typedef {object} Settings
 * @property {string | null} label
 * @property {string | null} unit
 * @property {string | null} kind
 * @property {number | null} decimals
 * @property {string | null} color
 * @property {Record<string, string> | null} states
 */

/** The part of the series editor that sets how a series is shown. */
export class SettingsForm {
  /** What the form showed first. @type {Settings | null} */
  #shown = null;
  /** Kind that a series without a set one has. */
  #guessedKind = "measure";

  constructor() {
    this.label = /** @type {HTMLInputElement} */ (byId("editor-label"));
    this.unit = /** @type {HTMLInputElement} */ (byId("editor-unit"));
    this.kind = /** @type {HTMLSelectElement} */ (byId("editor-kind"));
    this.decimals = /** @type {HTMLSelectElement} */ (byId("editor-decimals"));
    this.color = new ColorField(byId("editor-colors"));
    this.words = new StateWordsField(byId("editor-words"), byId("editor-add-word"));
    this.kind.addEventListener("change", () => this.#updateStates());
  }

  /** @param {SeriesDescription} series */
  show(series) {
    const { name, label, unit, setKind, guessedKind, decimals, color } = series;
    this.label.value = label ?? "";
    this.label.placeholder = name;
    this.unit.value = unit ?? "";
    this.#guessedKind = guessedKind;
    this.kind.options[0].textContent = `Automatic (${guessedKind})`;
    this.kind.value = setKind ?? "";
    this.decimals.value = String(decimals ?? "");
    this.color.value = color;
    this.words.show(series);
    this.#updateStates();
    this.#shown = this.#settings;
  }

  /** Fields that differ from what was shown, as the server takes them. @returns {Partial<Settings>} */
  get change() {
    const shown = /** @type {Record<string, unknown>} */ (this.#shown ?? {});
    const changed = Object.entries(this.#settings).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(shown[key]),
    );
    return Object.fromEntries(changed);
  }

  /** What has to be repaired before the change can be saved, "" for nothing. */
  get problem() {
    return this.words.problem;
  }

  /** @returns {Settings} */
  get #settings() {
    const { label, unit, kind, decimals, color, words } = this;
    return {
      label: label.value.trim() || null,
      unit: unit.value || null,
      kind: kind.value || null,
      decimals: decimals.value ? Number(decimals.value) : null,
      color: color.value,
      states: words.words,
    };
  }

  /** Offer words only for a state. */
  #updateStates() {
    byId("editor-states").hidden = (this.kind.value || this.#guessedKind) !== "state";
  }
}
