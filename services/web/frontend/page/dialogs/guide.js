import { copy } from "../export/clipboard.js";
import { element } from "../element.js";

/** Milliseconds for which a button says that it has copied. */
const SAID = 2_000;

/**
 * Fill a list with commands that can be copied.
 *
 * @param {HTMLElement} root
 * @param {{ title: string, text: string }[]} snippets
 */
export function fillGuide(root, snippets) {
  root.replaceChildren(...snippets.map(({ title, text }) => command(title, text)));
}

/**
 * @param {string} title
 * @param {string} text
 */
function command(title, text) {
  const button = element("button", "snippet-copy", "Copy");
  button.type = "button";
  button.setAttribute("aria-label", `Copy the command ${title.toLowerCase()}`);
  const said = element("span", "visually-hidden");
  said.setAttribute("role", "status");
  const code = element("code", "", text);
  button.addEventListener("click", async () => {
    const done = await copy(text);
    if (!done) window.getSelection()?.selectAllChildren(code);
    button.textContent = said.textContent = done ? "Copied" : "Press Ctrl+C";
    setTimeout(() => {
      button.textContent = "Copy";
      said.textContent = "";
    }, SAID);
  });
  const row = element("div", "snippet", element("pre", "", code), button, said);
  return element("li", "", element("h3", "", title), row);
}
