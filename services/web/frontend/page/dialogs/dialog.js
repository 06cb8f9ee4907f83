import { byId } from "../element.js";

/**
 * A dialog of the page: opened by its button if it has one, closed by Escape, its cross, or a click beside it.
 *
 * @param {string} id
 * @param {() => void} [onOpen] called before it is shown
 * @returns {{ dialog: HTMLDialogElement, open: () => void }}
 */
export function dialogOf(id, onOpen) {
  const dialog = /** @type {HTMLDialogElement} */ (byId(id));
  const open = () => {
    if (document.querySelector("dialog[open]")) return;
    byId("menu").hidePopover();
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

/** Let the menu open below its button. */
export function placeMenu() {
  const menu = byId("menu");
  const button = byId("open-menu");
  menu.addEventListener("beforetoggle", () => {
    const { right, bottom } = button.getBoundingClientRect();
    menu.style.top = `${bottom + 6}px`;
    menu.style.right = `${document.documentElement.clientWidth - right}px`;
  });
}
