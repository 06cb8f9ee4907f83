import { byId } from "../dom.js";

/** Pixels between the menu and its button. */
const MENU_GAP = 6;

/**
 * Set up a dialog. The button `open-<id>`, if there is one, opens it; Escape, its close button and
 * a click outside close it.
 *
 * @param {string} id
 * @param {() => void} [onOpen] called before the dialog is shown
 * @returns {{ dialog: HTMLDialogElement, open: () => void }}
 */
export function setUpDialog(id, onOpen) {
  const dialog = /** @type {HTMLDialogElement} */ (byId(id));
  const open = () => {
    if (document.querySelector("dialog[open]")) return;
    document.getElementById("menu")?.hidePopover();
    onOpen?.();
    dialog.showModal();
  };
  document.getElementById(`open-${id}`)?.addEventListener("click", open);
  dialog.querySelector("[data-close]")?.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", ({ target, clientX, clientY }) => {
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    const inside = clientX >= left && clientX <= right && clientY >= top && clientY <= bottom;
    if (target === dialog && !inside) dialog.close();
  });
  return { dialog, open };
}

/** Place the menu below its button each time it opens. */
export function setUpMenu() {
  const menu = byId("menu");
  const button = byId("open-menu");
  menu.addEventListener("beforetoggle", () => placeBelow(menu, button));
}

/**
 * Place a menu below its button.
 *
 * @param {HTMLElement} menu
 * @param {HTMLElement} button
 */
export function placeBelow(menu, button) {
  const { right, bottom } = button.getBoundingClientRect();
  menu.style.top = `${bottom + MENU_GAP}px`;
  menu.style.right = `${document.documentElement.clientWidth - right}px`;
}
