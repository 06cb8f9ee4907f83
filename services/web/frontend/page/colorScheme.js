import { recall, remember } from "./preferences.js";

/** The choice between the system's colours, light and dark. */
export class Scheme {
  /** Called when another one was chosen. */
  onChange = () => {};

  /** @param {HTMLElement} group its buttons' values are the schemes, "" that of the system */
  constructor(group) {
    this.buttons = [...group.querySelectorAll("button")];
    this.#mark(recall("theme") ?? "");
    for (const button of this.buttons) {
      button.addEventListener("click", () => {
        remember("theme", button.value);
        this.#mark(button.value);
        this.onChange();
      });
    }
  }

  /** @param {string} choice */
  #mark(choice) {
    const chosen = this.buttons.find(({ value }) => value === choice) ?? this.buttons[0];
    for (const button of this.buttons) {
      button.setAttribute("aria-pressed", String(button === chosen));
    }
    const { dataset } = document.documentElement;
    if (chosen.value) dataset.theme = chosen.value;
    else delete dataset.theme;
  }
}
