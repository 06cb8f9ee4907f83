import { byId, createElement, setText } from "../dom.js";
import { panelTitle } from "./viewDocument.js";

/** @typedef {import("./viewDocument.js").ViewPanel} ViewPanel */
/**
 * @typedef {object} PanelListActions
 * @property {(panel: ViewPanel) => void} edit
 * @property {(id: string) => void} remove
 * @property {(id: string, position: number) => void} move
 */

/** @type {Record<ViewPanel["type"], string>} */
const TYPE_NAMES = {
  line: "line", states: "states", bars: "bars", rate: "rate", value: "large number",
};

/** The panels of an edited view as a list, whose order changes by drag and by arrow keys. */
export class PanelList {
  /** @type {ViewPanel[]} */
  #panels = [];
  /** Id of the panel that is dragged. @type {string | null} */
  #draggedId = null;

  /**
   * @param {HTMLElement} root
   * @param {PanelListActions} actions
   */
  constructor(root, actions) {
    this.root = root;
    this.actions = actions;
    root.addEventListener("dragover", (event) => this.#onDragOver(event));
    root.addEventListener("drop", (event) => this.#onDrop(event));
    root.addEventListener("dragend", () => this.#endDrag());
  }

  /** @param {ViewPanel[]} panels */
  show(panels) {
    const { activeElement } = document;
    const focused = this.root.contains(activeElement) ? rowOf(activeElement)?.dataset.id : null;
    this.#panels = panels;
    this.root.replaceChildren(...panels.map((panel) => this.#createRow(panel)));
    if (focused) this.#handleOf(focused)?.focus();
  }

  /** @param {ViewPanel} panel */
  #createRow(panel) {
    const title = panelTitle(panel);
    const handle = createButton("⠿", `Move ${title}`, "button square view-handle");
    handle.title = "Drag, or press the arrow keys";
    handle.addEventListener("keydown", (event) => this.#onKey(event, panel.id));
    const edit = createButton("Edit", `Edit ${title}`);
    edit.addEventListener("click", () => this.actions.edit(panel));
    const remove = createButton("Remove", `Remove ${title}`);
    remove.addEventListener("click", () => this.#remove(panel.id));
    const type = createElement("span", "view-type", TYPE_NAMES[panel.type]);
    const row = createElement("li", "", handle, createElement("bdi", "", title), type, edit, remove);
    row.draggable = true;
    row.dataset.id = panel.id;
    row.addEventListener("dragstart", (event) => {
      this.#draggedId = panel.id;
      event.dataTransfer?.setData("text/plain", title);
      row.classList.add("dragged");
    });
    return row;
  }

  /** @param {string} id @returns {HTMLElement | null | undefined} */
  #handleOf(id) {
    const rows = [...this.root.children].map((row) => /** @type {HTMLElement} */ (row));
    return rows.find((row) => row.dataset.id === id)?.querySelector("button");
  }

  /**
   * @param {KeyboardEvent} event
   * @param {string} id
   */
  #onKey(event, id) {
    const step = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const position = this.#panels.findIndex((panel) => panel.id === id) + step;
    if (position < 0 || position >= this.#panels.length) return;
    this.actions.move(id, position);
    this.#handleOf(id)?.focus();
    setText(byId("announcement"), `Panel ${position + 1} of ${this.#panels.length}`);
  }

  /** @param {string} id */
  #remove(id) {
    this.actions.remove(id);
    byId("view-add-panel").focus();
  }

  /** @param {DragEvent} event */
  #onDragOver(event) {
    if (this.#draggedId === null) return;
    event.preventDefault();
    const over = rowOf(event.target);
    for (const row of this.root.children) row.classList.toggle("drop-before", row === over);
  }

  /** @param {DragEvent} event */
  #onDrop(event) {
    const id = this.#draggedId;
    const target = rowOf(event.target)?.dataset.id;
    if (id === null || target === undefined) return;
    event.preventDefault();
    this.#endDrag();
    this.actions.move(id, this.#panels.findIndex((panel) => panel.id === target));
  }

  #endDrag() {
    this.#draggedId = null;
    for (const row of this.root.children) row.classList.remove("dragged", "drop-before");
  }
}

/**
 * @param {EventTarget | null} target
 * @returns {HTMLElement | null}
 */
const rowOf = (target) => (target instanceof Element ? target.closest("li") : null);

/**
 * @param {string} text
 * @param {string} label for screen readers
 * @param {string} [className]
 */
function createButton(text, label, className = "button") {
  const button = createElement("button", className, text);
  button.type = "button";
  button.ariaLabel = label;
  return button;
}
