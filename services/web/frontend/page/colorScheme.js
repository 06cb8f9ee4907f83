import { readPreference, savePreference } from "./preferences.js";

/** The choice between the colours of the system, light and dark. */
export class ColorScheme {
  /** Called after another scheme was chosen. */
  onChange = () => {};

  /** @param {HTMLElement} group buttons with the values "light", "dark" and "" for the system */
  constructor(group) {
    this.buttons = [...group.querySelectorAll("button")];
    this.#apply(readPreference("theme") ?? "");
    for (const button of this.buttons) {
      button.addEventListener("click", () => {
        savePreference("theme", button.value);
        this.#apply(button.value);
        this.onChange();
      });
    }
  }

  /** @param {string} scheme */
  #apply(scheme) {
    const pressed = this.buttons.find(({ value }) => value === scheme) ?? this.buttons[0];
    for (const button of this.buttons) {
      button.setAttribute("aria-pressed", String(button === pressed));
    }
    const { dataset } = document.documentElement;
    if (pressed.value) dataset.theme = pressed.value;
    else delete dataset.theme;
  }
}
