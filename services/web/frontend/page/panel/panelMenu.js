import { createElement } from "../dom.js";
import { placeBelow } from "../dialogs/dialog.js";

let menuCount = 0;

/** The button with three dots in the head of a panel, and the menu that it opens. */
export class PanelMenu {
  constructor() {
    this.list = createElement("div", "menu panel-menu");
    this.list.id = `panel-menu-${++menuCount}`;
    this.list.popover = "auto";
    this.button = createElement("button", "panel-menu-button", "•••");
    this.button.type = "button";
    this.button.setAttribute("popovertarget", this.list.id);
    this.list.addEventListener("beforetoggle", () => placeBelow(this.list, this.button));
    this.element = createElement("span", "panel-menu-place", this.button, this.list);
  }

  /** @param {string} title of the panel, for screen readers */
  setTitle(title) {
    this.button.setAttribute("aria-label", `Menu of ${title}`);
  }

  /**
   * Add an entry at the end.
   *
   * @param {string} label
   * @param {() => void} action called after the menu is closed
   * @returns {HTMLButtonElement} the entry, whose text may change
   */
  addEntry(label, action) {
    const entry = createElement("button", "", label);
    entry.type = "button";
    entry.addEventListener("click", () => {
      this.list.hidePopover();
      action();
    });
    this.list.append(entry);
    return entry;
  }
}
