import { createElement } from "../page/dom.js";

/** @type {Record<import("./accountClient.js").Role, string>} */
export const ROLE_NAMES = { view: "View", write: "Write", admin: "Admin" };

/**
 * @param {string} label of the column, which narrow screens show beside the cell
 * @param {Node | string} content
 * @param {string} [className]
 */
export function createCell(label, content, className = "") {
  const cell = createElement("td", className, content);
  cell.dataset.label = label;
  return cell;
}

/**
 * @param {string} text
 * @param {string} label for screen readers
 * @param {() => void} action
 */
export function createButton(text, label, action) {
  const button = createElement("button", "button", text);
  button.type = "button";
  button.setAttribute("aria-label", label);
  button.addEventListener("click", action);
  return button;
}
