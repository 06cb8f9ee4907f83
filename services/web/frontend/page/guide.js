import { element } from "./element.js";

/** Milliseconds for which a button says that it has copied. */
const SAID = 2_000;

const HEADER = "Content-Type: application/json";
const READING = '{"series":"kitchen","value":21.5}';

/**
 * Fill the empty page's guide: commands that send the first reading to this very server.
 *
 * @param {HTMLElement} root `data-publish` is the command that publishes on the channel,
 *   `data-command` that of Stripchart itself
 * @param {string} address where readings are posted
 */
export function fillGuide(root, address) {
  root.replaceChildren(
    command("With curl", `curl ${quoted(address)} -H '${HEADER}' -d '${READING}'`),
    command("With Redis", `${root.dataset.publish} '${READING}'`),
    command("With Stripchart", `${root.dataset.command} send kitchen 21.5`),
  );
}

/**
 * @param {string} title
 * @param {string} text
 */
function command(title, text) {
  const button = element("button", "copy", "Copy");
  button.type = "button";
  button.setAttribute("aria-label", `Copy the command ${title.toLowerCase()}`);
  const said = element("span", "hidden-text");
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
  const row = element("div", "command", element("pre", "", code), button, said);
  return element("li", "", element("h3", "", title), row);
}

/**
 * The address as a word of a shell.
 *
 * @param {string} address
 */
function quoted(address) {
  return /^[\w:/.-]+$/.test(address) ? address : `'${address.replaceAll("'", "%27")}'`;
}

/**
 * @param {string} text
 * @returns {Promise<boolean>} whether it is on the clipboard now
 */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without HTTPS or localhost there is no clipboard API; the old way still works.
    const area = element("textarea", "hidden-text", text);
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
