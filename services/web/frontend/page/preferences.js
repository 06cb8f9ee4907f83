const PREFIX = "stripchart.";

/**
 * Save a choice in the browser for the next visit.
 *
 * @param {string} name
 * @param {string} value
 */
export function savePreference(name, value) {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // The browser blocks storage: the choice lasts as long as the page.
  }
}

/**
 * Read a saved choice.
 *
 * @param {string} name
 * @returns {string | null} null if nothing is saved, or the browser blocks storage
 */
export function readPreference(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}
