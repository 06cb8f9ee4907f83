/** @typedef {import("./timeView.js").TimeView} View */
/** @typedef {{ left: number, right: number }} Area */
/** @typedef {{ x: number, y: number }} Place */
/**
 * @typedef {object} Surface what is pointed at
 * @property {Area} area pixels of the canvas on which the window is
 * @property {{ from: number, to: number } | null} selection what is marked, in seconds
 */

/** Pixels that a pointer moves before it drags. */
const SLIP = 4;
/** What is selected is at least so many pixels wide. */
const LEAST_SELECTION = 6;
/** How much a step of a wheel zooms. */
const WHEEL_ZOOM = 0.002;
/** The greatest step of a wheel that counts. */
const MOST_WHEEL = 200;
/** Pixels of a line, where a wheel counts in lines. */
const LINE = 16;

/**
 * What a person does on a chart: drag pans, shift and drag zooms to what is selected, two fingers
 * or the wheel with ctrl or cmd zoom, a double click goes on live. A finger that moves up or down
 * and the wheel alone scroll the page.
 */
export class Gestures {
  /** @type {Map<number, Place>} */
  #pointers = new Map();
  /** @type {"none" | "pressed" | "pan" | "select" | "pinch"} */
  #mode = "none";
  #pressed = { x: 0, time: 0, selects: false };
  /** The times that two fingers hold. @type {number[]} */
  #held = [];
  #removed = new AbortController();

  /**
   * @param {HTMLElement} canvas with `touch-action: pan-y`
   * @param {Surface} surface
   * @param {View} view
   */
  constructor(canvas, surface, view) {
    this.canvas = canvas;
    this.surface = surface;
    this.view = view;
    const { signal } = this.#removed;
    canvas.addEventListener("pointerdown", (event) => this.#down(event), { signal });
    canvas.addEventListener("pointermove", (event) => this.#move(event), { signal });
    canvas.addEventListener("pointerup", (event) => this.#up(event), { signal });
    canvas.addEventListener("pointercancel", (event) => this.#cancel(event), { signal });
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { signal, passive: false });
    canvas.addEventListener("dblclick", () => view.resume(), { signal });
  }

  destroy() {
    this.#removed.abort();
  }

  /** @param {number} x pixels of the canvas */
  #timeAt(x) {
    const { left, right } = this.surface.area;
    return this.view.from + ((x - left) / (right - left)) * this.view.span;
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button !== 0) return;
    this.#pointers.set(event.pointerId, placeOf(event));
    if (this.#pointers.size === 1) {
      const x = event.offsetX;
      this.#pressed = { x, time: this.#timeAt(x), selects: event.shiftKey };
      this.#mode = "pressed";
    } else if (this.#pointers.size === 2) {
      this.surface.selection = null;
      this.#mode = "pinch";
      this.#hold();
    }
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const place = this.#pointers.get(event.pointerId);
    if (!place) return;
    this.#pointers.set(event.pointerId, placeOf(event));
    if (this.#mode === "pressed" && Math.abs(event.offsetX - this.#pressed.x) > SLIP) {
      this.#mode = this.#pressed.selects ? "select" : "pan";
      this.canvas.setPointerCapture(event.pointerId);
      this.canvas.style.setProperty("cursor", this.#mode === "pan" ? "grabbing" : "col-resize");
    }
    if (this.#mode === "pan") this.view.pan(this.#pressed.time - this.#timeAt(event.offsetX));
    if (this.#mode === "select") this.surface.selection = this.#selected(event.offsetX);
    if (this.#mode === "pinch") this.#pinch();
  }

  /** @param {PointerEvent} event */
  #up(event) {
    const isSelected = this.#mode === "select" && this.#pointers.has(event.pointerId);
    const wide = Math.abs(event.offsetX - this.#pressed.x) >= LEAST_SELECTION;
    const selected = isSelected && wide ? this.#selected(event.offsetX) : null;
    this.#cancel(event);
    if (selected) this.view.show(selected);
  }

  /** @param {PointerEvent} event */
  #cancel(event) {
    if (!this.#pointers.delete(event.pointerId)) return;
    const [left] = this.#pointers.values();
    if (this.#mode === "pinch" && left) {
      // The finger that stays pans from where it is.
      this.#pressed = { x: left.x, time: this.#timeAt(left.x), selects: false };
      this.#mode = "pan";
    } else if (!left) {
      this.#rest();
    }
  }

  /** All fingers are gone. */
  #rest() {
    this.#mode = "none";
    this.#pointers.clear();
    this.surface.selection = null;
    this.canvas.style.removeProperty("cursor");
  }

  /** @param {number} x */
  #selected(x) {
    const times = [this.#pressed.time, this.#timeAt(x)].sort((a, b) => a - b);
    return { from: times[0], to: times[1] };
  }

  #hold() {
    this.#held = [...this.#pointers.values()].map(({ x }) => this.#timeAt(x));
  }

  /** Each finger keeps its time, as far as both can. */
  #pinch() {
    const [a, b] = [...this.#pointers.values()].map(({ x }) => this.#timeAt(x));
    const [heldA, heldB] = this.#held;
    if (Math.abs(a - b) < 1e-9 || heldA === heldB) return;
    const factor = Math.abs((heldA - heldB) / (a - b));
    this.view.zoom(factor, (a + b) / 2);
    const [movedA, movedB] = [...this.#pointers.values()].map(({ x }) => this.#timeAt(x));
    this.view.pan((heldA + heldB) / 2 - (movedA + movedB) / 2);
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE;
    const [dx, dy] = [event.deltaX, event.deltaY].map((delta) => delta * pixels);
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const step = Math.max(-MOST_WHEEL, Math.min(MOST_WHEEL, dy));
      this.view.zoom(Math.exp(step * WHEEL_ZOOM), this.#timeAt(event.offsetX));
    } else if (Math.abs(dx) > Math.abs(dy)) {
      event.preventDefault();
      const { left, right } = this.surface.area;
      this.view.pan((dx / (right - left)) * this.view.span);
    }
  }
}

/** @param {PointerEvent} event @returns {Place} */
const placeOf = ({ offsetX: x, offsetY: y }) => ({ x, y });
