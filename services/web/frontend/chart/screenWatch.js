/** Seconds between two drawings off the screen, for pictures of the whole page and for print. */
const OFF_SCREEN_SECONDS = 2;

/** Decides when a chart is drawn by whether it is on the screen. */
export class ScreenWatch {
  #isOnScreen = true;
  #drawnAt = -Infinity;
  #observer;

  /**
   * @param {HTMLElement} element
   * @param {() => void} onChange called when it comes to the screen or leaves it
   */
  constructor(element, onChange) {
    this.#observer = new IntersectionObserver((entries) => {
      this.#isOnScreen = entries[entries.length - 1].isIntersecting;
      onChange();
    });
    this.#observer.observe(element);
  }

  /** True if a part of the chart is on the screen. */
  get isOnScreen() {
    return this.#isOnScreen;
  }

  /**
   * Return true if the chart may be drawn now: always on the screen, seldom off it.
   *
   * @param {number} now seconds
   */
  allowsDrawing(now) {
    if (this.#isOnScreen) return true;
    if (Math.abs(now - this.#drawnAt) < OFF_SCREEN_SECONDS) return false;
    this.#drawnAt = now;
    return true;
  }

  disconnect() {
    this.#observer.disconnect();
  }
}
