import { byId, setText } from "../page/dom.js";
import { AccessRefusedError } from "./accountClient.js";

/**
 * Run an action, and show why the server refused it.
 *
 * @param {string} errorId id of the element that shows the reason
 * @param {() => Promise<void>} action
 * @returns {Promise<boolean>} true if it was not refused
 */
export async function runAction(errorId, action) {
  const message = byId(errorId);
  setText(message, "");
  try {
    await action();
    return true;
  } catch (error) {
    if (!(error instanceof AccessRefusedError)) throw error;
    setText(message, error.message);
    return false;
  }
}

/**
 * Run an action instead of submitting a form. Meanwhile its buttons are disabled.
 *
 * @param {string} formId
 * @param {string} errorId id of the element that shows why the server refused it
 * @param {() => Promise<void>} action
 */
export function onSubmit(formId, errorId, action) {
  const form = byId(formId);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const buttons = [...form.querySelectorAll("button")];
    const focused = document.activeElement;
    for (const button of buttons) button.disabled = true;
    await runAction(errorId, action);
    for (const button of buttons) button.disabled = false;
    // A disabled button has lost the focus.
    if (document.activeElement === document.body && focused instanceof HTMLElement) focused.focus();
  });
}

/** @param {string} id */
export const field = (id) =>
  /** @type {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} */ (byId(id));
