import { byId } from "./element.js";

/** Milliseconds for which the way out is shown after the pointer has moved. */
const SHOWN = 2_500;

/** The view for a wall: the whole screen, kept awake, with nothing to press. */
export class Kiosk {
  on = false;
  /** @type {any} */
  #lock = null;
  #timer = 0;

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    byId("open-kiosk").addEventListener("click", () => this.toggle());
    byId("kiosk-exit").addEventListener("click", () => this.set(false));
    document.addEventListener("fullscreenchange", () => {
      if (!document.fullscreenElement) this.set(false);
    });
    document.addEventListener("pointermove", () => this.#showExit());
    // The system takes the lock away from a page that can't be seen.
    document.addEventListener("visibilitychange", () => this.#stayAwake());
  }

  /** Turn it on with the whole screen, or off. */
  toggle() {
    const on = !this.on;
    this.set(on);
    byId("menu").hidePopover();
    // A browser may refuse; the view is the same in its window.
    if (on) document.documentElement.requestFullscreen?.().catch(() => {});
  }

  /** @param {boolean} on */
  set(on) {
    if (on === this.on) return;
    this.on = on;
    document.documentElement.toggleAttribute("data-kiosk", on);
    if (!on && document.fullscreenElement) document.exitFullscreen();
    this.#stayAwake();
    this.onChange();
  }

  async #stayAwake() {
    this.#lock?.release();
    this.#lock = null;
    if (!this.on || document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
    // Refused on a low battery: then the screen goes dark as it always does.
    this.#lock = await navigator.wakeLock.request("screen").catch(() => null);
  }

  #showExit() {
    if (!this.on) return;
    const exit = byId("kiosk-exit");
    exit.classList.add("shown");
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => exit.classList.remove("shown"), SHOWN);
  }
}
