const PREFIX = "stripchart.";

/**
 * Keep a choice for the next visit, where the browser lets us.
 *
 * @param {string} name
 * @param {string} choice
 */
export function remember(name, choice) {
  try {
    localStorage.setItem(PREFIX + name, choice);
  } catch {
    // Storage is switched off: the choice lasts as long as the page.
  }
}

/**
 * @param {string} name
 * @returns {string | null}
 */
export function recall(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}
