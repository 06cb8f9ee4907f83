import { createElement } from "../dom.js";
import { copyText } from "../export/clipboard.js";

/** Milliseconds that a button shows "Copied". */
const COPIED_SHOWN_MS = 2_000;

/** @typedef {import("./snippets.js").Snippet} Snippet */

/**
 * Fill a list with commands, each with a button that copies it.
 *
 * @param {HTMLElement} list
 * @param {Snippet[]} snippets
 */
export function fillSnippetList(list, snippets) {
  list.replaceChildren(...snippets.map((snippet) => createItem(snippet)));
}

/** @param {Snippet} snippet */
function createItem({ title, text }) {
  const button = createElement("button", "snippet-copy", "Copy");
  button.type = "button";
  button.setAttribute("aria-label", `Copy the command ${title.toLowerCase()}`);
  const announcement = createElement("span", "visually-hidden");
  announcement.setAttribute("role", "status");
  const code = createElement("code", "", text);
  button.addEventListener("click", async () => {
    const copied = await copyText(text);
    if (!copied) window.getSelection()?.selectAllChildren(code);
    button.textContent = announcement.textContent = copied ? "Copied" : "Press Ctrl+C";
    setTimeout(() => {
      button.textContent = "Copy";
      announcement.textContent = "";
    }, COPIED_SHOWN_MS);
  });
  const pre = createElement("pre", "", code);
  const row = createElement("div", "snippet", pre, button, announcement);
  return createElement("li", "", createElement("h3", "", title), row);
}
