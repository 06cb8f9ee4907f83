import { createElement } from "../dom.js";

/** Milliseconds until a download is freed; the browser has started it by then. */
const REVOKE_AFTER_MS = 60_000;

/**
 * Let the browser download a file.
 *
 * @param {Blob} blob
 * @param {string} name
 */
export function downloadFile(blob, name) {
  const address = URL.createObjectURL(blob);
  const link = createElement("a", "");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), REVOKE_AFTER_MS);
}

/**
 * Return the name of an exported file, with the time at which its data end.
 *
 * @param {number} time seconds
 * @param {string} extension
 */
export function exportFileName(time, extension) {
  const dateTime = new Date(time * 1_000).toISOString().slice(0, 19).replaceAll(":", "");
  return `stripchart-${dateTime}Z.${extension}`;
}
