import { createElement, setText } from "../dom.js";

/** The line below a list that scrolls: how many of its items are below what is visible. */
export class ScrollHint {
  #observer = new ResizeObserver(() => this.#update());

  /** @param {HTMLElement} list whose children are its items */
  constructor(list) {
    this.list = list;
    this.element = createElement("p", "scroll-hint");
    // Screen readers read the whole list.
    this.element.ariaHidden = "true";
    this.element.hidden = true;
    list.addEventListener("scroll", () => this.#update(), { passive: true });
  }

  /** Watch the items that the list has now. */
  observe() {
    this.#observer.disconnect();
    for (const element of [this.list, ...this.list.children]) this.#observer.observe(element);
  }

  #update() {
    const { clientHeight, scrollHeight, scrollTop, children, offsetTop } = this.list;
    const isCut = scrollHeight - clientHeight - scrollTop > 1;
    if (isCut === this.element.hidden) this.element.hidden = !isCut;
    if (!isCut) return;
    const bottom = offsetTop + scrollTop + clientHeight;
    const items = /** @type {HTMLElement[]} */ ([...children]);
    const below = items.filter((item) => item.offsetTop + item.offsetHeight > bottom + 1).length;
    setText(this.element, `${below} more below`);
  }
}
