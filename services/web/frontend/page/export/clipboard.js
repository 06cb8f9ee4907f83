/**
 * Copy a text to the clipboard.
 *
 * @param {string} text
 * @returns {Promise<boolean>} true if it was copied
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyWithSelection(text);
  }
}

/**
 * Copy a text through a selection: browsers have the clipboard API only on HTTPS and localhost.
 *
 * @param {string} text
 * @returns {boolean} true if it was copied
 */
function copyWithSelection(text) {
  const focused = document.activeElement;
  const area = document.createElement("textarea");
  area.className = "visually-hidden";
  area.value = text;
  // While a dialog is open, nothing outside of it can be selected.
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}
