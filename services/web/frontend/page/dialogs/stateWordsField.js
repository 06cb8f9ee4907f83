import { stateWord } from "../../store/stateWords.js";
import { createElement } from "../dom.js";

/** @typedef {import("../../store/seriesDescription.js").SeriesDescription} SeriesDescription */
/** @typedef {{ item: HTMLLIElement, value: HTMLInputElement, word: HTMLInputElement }} Row */

/** Values that have a row at the start. */
const FIRST_VALUES = ["0", "1"];

/** Rows of a value and the word for it. */
export class StateWordsField {
  /** @type {Row[]} */
  #rows = [];
  /** Name of the series, which decides the words that are suggested. */
  #name = "";

  /**
   * @param {HTMLElement} list
   * @param {HTMLElement} addButton
   */
  constructor(list, addButton) {
    this.list = list;
    this.addButton = addButton;
    addButton.addEventListener("click", () => this.#addRow("", "").value.focus());
  }

  /** @param {SeriesDescription} series */
  show({ name, states }) {
    this.list.replaceChildren();
    this.#rows = [];
    this.#name = name;
    const values = Object.keys(states ?? {});
    const missing = FIRST_VALUES.filter((value) => !values.includes(value));
    const rows = [...values, ...missing].sort((a, b) => Number(a) - Number(b));
    for (const value of rows) this.#addRow(value, states?.[value] ?? "");
  }

  /** Words by value; null without any. @returns {Record<string, string> | null} */
  get words() {
    const words = this.#pairs;
    return words.length ? Object.fromEntries(words) : null;
  }

  /** What has to be repaired before the words can be saved, "" for nothing. */
  get problem() {
    const values = this.#pairs.map(([value]) => value);
    const wrong = values.find((value) => !value || !Number.isFinite(Number(value)));
    if (wrong !== undefined) return `A word needs a number as its value, not “${wrong}”.`;
    const numbers = values.map(Number);
    const twice = values.find((_value, i) => numbers.indexOf(numbers[i]) < i);
    return twice === undefined ? "" : `The value ${twice} has two words. Remove one of them.`;
  }

  /** Value and word of each row that has a word. */
  get #pairs() {
    return this.#rows
      .map(({ value, word }) => [value.value.trim(), word.value.trim()])
      .filter(([, word]) => word);
  }

  /**
   * @param {string} value
   * @param {string} word
   * @returns {Row}
   */
  #addRow(value, word) {
    const item = createElement("li", "");
    const row = { item, value: createInput(value), word: createInput(word) };
    row.value.inputMode = "decimal";
    row.value.setAttribute("aria-label", "Value");
    row.word.dir = "auto";
    row.word.maxLength = 50;
    const removeButton = createElement("button", "button square", "×");
    removeButton.type = "button";
    const label = () => {
      const of = row.value.value.trim() || "this value";
      row.word.setAttribute("aria-label", `Word for ${of}`);
      row.word.placeholder = stateWord({ name: this.#name }, Number(row.value.value || NaN)) ?? "";
      removeButton.setAttribute("aria-label", `Remove ${of}`);
    };
    label();
    row.value.addEventListener("input", label);
    removeButton.addEventListener("click", () => this.#removeRow(row));
    const arrow = createElement("span", "", "→");
    arrow.ariaHidden = "true";
    item.append(row.value, arrow, row.word, removeButton);
    this.list.append(item);
    this.#rows.push(row);
    return row;
  }

  /** @param {Row} row */
  #removeRow(row) {
    const index = this.#rows.indexOf(row);
    this.#rows.splice(index, 1);
    row.item.remove();
    // A removed button would lose the focus to the top of the page.
    (this.#rows[index]?.value ?? this.addButton).focus();
  }
}

/** @param {string} text */
function createInput(text) {
  const input = createElement("input", "");
  input.value = text;
  input.autocomplete = "off";
  return input;
}
