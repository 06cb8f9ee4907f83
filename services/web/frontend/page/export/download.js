import { element } from "../element.js";

/**
 * Hand a file to the browser to keep.
 *
 * @param {Blob} blob
 * @param {string} name
 */
export function save(blob, name) {
  const address = URL.createObjectURL(blob);
  const link = element("a", "");
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken hold of it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/**
 * A name for a file: what it is, and until when.
 *
 * @param {number} time seconds
 * @param {string} ending
 */
export function fileName(time, ending) {
  const moment = new Date(time * 1_000).toISOString().slice(0, 19).replaceAll(":", "");
  return `stripchart-${moment}Z.${ending}`;
}
