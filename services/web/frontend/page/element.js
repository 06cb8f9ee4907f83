/**
 * A new element. Whatever comes from outside goes in as text, never as markup.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} className
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/**
 * The element of the page with this id, which the template must have.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no element #${id}`);
  return found;
}

/**
 * Write a text only where it has changed, so that nothing is announced twice.
 *
 * @param {string} id
 * @param {string} text
 */
export function write(id, text) {
  const target = byId(id);
  if (target.textContent !== text) target.textContent = text;
}
