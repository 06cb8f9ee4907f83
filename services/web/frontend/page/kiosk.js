import { byId } from "./dom.js";

/** Milliseconds that the exit button is visible after the pointer moves. */
const EXIT_SHOWN_MS = 2_500;

/** Kiosk view for a wall display: full screen, kept awake, without controls. */
export class Kiosk {
  active = false;
  /** @type {any} */
  #wakeLock = null;
  #exitTimer = 0;

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    byId("open-kiosk").addEventListener("click", () => this.toggle());
    byId("kiosk-exit").addEventListener("click", () => this.setActive(false));
    document.addEventListener("fullscreenchange", () => {
      if (!document.fullscreenElement) this.setActive(false);
    });
    document.addEventListener("pointermove", () => this.#showExit());
    // The browser releases the wake lock of a hidden page.
    document.addEventListener("visibilitychange", () => this.#updateWakeLock());
  }

  /** Enter kiosk view in full screen, or leave it. */
  toggle() {
    const active = !this.active;
    this.setActive(active);
    byId("menu").hidePopover();
    // The browser may refuse full screen; the view then fills its window.
    if (active) document.documentElement.requestFullscreen?.().catch(() => {});
  }

  /** @param {boolean} active */
  setActive(active) {
    if (active === this.active) return;
    this.active = active;
    document.documentElement.toggleAttribute("data-kiosk", active);
    if (!active && document.fullscreenElement) document.exitFullscreen();
    this.#updateWakeLock();
    this.onChange();
  }

  async #updateWakeLock() {
    this.#wakeLock?.release();
    this.#wakeLock = null;
    if (!this.active || document.visibilityState !== "visible") return;
    if (!("wakeLock" in navigator)) return;
    // Browsers refuse it on a low battery: the screen then turns off as usual.
    this.#wakeLock = await navigator.wakeLock.request("screen").catch(() => null);
  }

  #showExit() {
    if (!this.active) return;
    const exit = byId("kiosk-exit");
    exit.classList.add("shown");
    clearTimeout(this.#exitTimer);
    this.#exitTimer = window.setTimeout(() => exit.classList.remove("shown"), EXIT_SHOWN_MS);
  }
}
