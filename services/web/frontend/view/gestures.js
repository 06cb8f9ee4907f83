/** @typedef {import("./timeView.js").TimeView} TimeView */
/** @typedef {{ x: number, y: number }} PointerPosition pixels of the canvas */
/**
 * @typedef {object} GestureTarget
 * @property {{ left: number, right: number }} area pixels of the canvas that the window covers
 */
/**
 * @typedef {object} SelectionTarget what a drag selects
 * @property {boolean} isEmpty
 * @property {(anchor: number, end: number) => void} select called while it changes, with seconds
 * @property {() => void} finish
 * @property {() => void} clear
 */

/** Pixels that a pointer moves before it drags. */
const MIN_DRAG_PIXELS = 4;
const MIN_SELECTION_PIXELS = 6;
/** Time for which a finger rests before its drag selects. */
const LONG_PRESS_MILLISECONDS = 450;
/** Zoom exponent of each pixel that a wheel turns. */
const WHEEL_ZOOM_RATE = 0.002;
/** Pixels of one turn of a wheel that count at most. */
const MAX_WHEEL_PIXELS = 200;
/** Pixels of a line, for wheels that count in lines. */
const LINE_PIXELS = 16;

/**
 * Translates gestures on a chart into changes of the view.
 *
 * A drag selects a range, and a drag with shift pans. A finger pans, and selects after a long press.
 * A double click leaves the selection, or returns to live without one. Two fingers zoom, and so does
 * the wheel with ctrl or cmd. A finger that moves up or down and the plain wheel scroll the page.
 */
export class Gestures {
  /** Positions of the pressed pointers by their id. @type {Map<number, PointerPosition>} */
  #pointers = new Map();
  /** @type {"none" | "pressed" | "pan" | "select" | "pinch"} */
  #mode = "none";
  #pressed = { x: 0, time: 0, selects: false };
  /** @type {any} */
  #longPress = null;
  /** The times at which two fingers touched. @type {number[]} */
  #pinchedTimes = [];
  #destroyed = new AbortController();

  /**
   * @param {HTMLElement} canvas with `touch-action: pan-y`
   * @param {GestureTarget} target
   * @param {TimeView} view
   * @param {SelectionTarget} selection
   */
  constructor(canvas, target, view, selection) {
    this.canvas = canvas;
    this.target = target;
    this.view = view;
    this.selection = selection;
    const { signal } = this.#destroyed;
    canvas.addEventListener("pointerdown", (event) => this.#pointerDown(event), { signal });
    canvas.addEventListener("pointermove", (event) => this.#pointerMove(event), { signal });
    canvas.addEventListener("pointerup", (event) => this.#pointerUp(event), { signal });
    canvas.addEventListener("pointercancel", (event) => this.#pointerGone(event), { signal });
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { signal, passive: false });
    canvas.addEventListener("dblclick", () => this.#doubleClick(), { signal });
    // A long press would open the browser's menu.
    const onMenu = (/** @type {Event} */ event) => {
      if (this.#pointers.size) event.preventDefault();
    };
    canvas.addEventListener("contextmenu", onMenu, { signal });
  }

  destroy() {
    this.#destroyed.abort();
    clearTimeout(this.#longPress);
  }

  #doubleClick() {
    if (this.selection.isEmpty) this.view.resume();
    else this.selection.clear();
  }

  /** @param {number} x pixels of the canvas */
  #timeAt(x) {
    const { left, right } = this.target.area;
    return this.view.from + ((x - left) / (right - left)) * this.view.span;
  }

  /** @param {PointerEvent} event */
  #pointerDown(event) {
    if (event.button !== 0) return;
    this.#pointers.set(event.pointerId, positionOf(event));
    if (this.#pointers.size === 1) {
      const x = event.offsetX;
      const isTouch = event.pointerType === "touch";
      this.#pressed = { x, time: this.#timeAt(x), selects: !isTouch && !event.shiftKey };
      this.#mode = "pressed";
      if (isTouch) this.#awaitLongPress(event.pointerId);
    } else if (this.#pointers.size === 2) {
      clearTimeout(this.#longPress);
      if (this.#mode === "select") this.selection.clear();
      this.#mode = "pinch";
      this.#pinchedTimes = this.#pointerTimes();
    }
  }

  /** @param {number} pointerId */
  #awaitLongPress(pointerId) {
    this.#longPress = setTimeout(() => {
      if (this.#mode !== "pressed") return;
      this.#pressed.selects = true;
      this.#startDrag(pointerId);
    }, LONG_PRESS_MILLISECONDS);
  }

  /** @param {PointerEvent} event */
  #pointerMove(event) {
    if (!this.#pointers.has(event.pointerId)) return;
    this.#pointers.set(event.pointerId, positionOf(event));
    const distance = Math.abs(event.offsetX - this.#pressed.x);
    if (this.#mode === "pressed" && distance > MIN_DRAG_PIXELS) this.#startDrag(event.pointerId);
    if (this.#mode === "pan") this.view.pan(this.#pressed.time - this.#timeAt(event.offsetX));
    if (this.#mode === "select") this.#selectTo(event.offsetX);
    if (this.#mode === "pinch") this.#pinch();
  }

  /** @param {number} pointerId */
  #startDrag(pointerId) {
    clearTimeout(this.#longPress);
    this.#mode = this.#pressed.selects ? "select" : "pan";
    this.canvas.setPointerCapture(pointerId);
    this.canvas.style.setProperty("cursor", this.#mode === "pan" ? "grabbing" : "col-resize");
  }

  /** @param {PointerEvent} event */
  #pointerUp(event) {
    const isSelecting = this.#mode === "select" && this.#pointers.has(event.pointerId);
    const isWide = Math.abs(event.offsetX - this.#pressed.x) >= MIN_SELECTION_PIXELS;
    this.#pointerGone(event);
    if (!isSelecting) return;
    if (isWide) this.selection.finish();
    else this.selection.clear();
  }

  /** @param {PointerEvent} event */
  #pointerGone(event) {
    if (!this.#pointers.delete(event.pointerId)) return;
    const [remaining] = this.#pointers.values();
    if (this.#mode === "pinch" && remaining) {
      // The other finger pans from its position.
      this.#pressed = { x: remaining.x, time: this.#timeAt(remaining.x), selects: false };
      this.#mode = "pan";
    } else if (!remaining) {
      this.#reset();
    }
  }

  #reset() {
    clearTimeout(this.#longPress);
    this.#mode = "none";
    this.#pointers.clear();
    this.canvas.style.removeProperty("cursor");
  }

  /** @param {number} x pixels of the canvas */
  #selectTo(x) {
    const { left, right } = this.target.area;
    this.selection.select(this.#pressed.time, this.#timeAt(Math.min(right, Math.max(left, x))));
  }

  #pointerTimes() {
    return [...this.#pointers.values()].map(({ x }) => this.#timeAt(x));
  }

  /** Zoom and pan so that each finger keeps its time, as far as both can. */
  #pinch() {
    const [a, b] = this.#pointerTimes();
    const [pinchedA, pinchedB] = this.#pinchedTimes;
    if (Math.abs(a - b) < 1e-9 || pinchedA === pinchedB) return;
    const factor = Math.abs((pinchedA - pinchedB) / (a - b));
    this.view.zoom(factor, (a + b) / 2);
    const [zoomedA, zoomedB] = this.#pointerTimes();
    this.view.pan((pinchedA + pinchedB) / 2 - (zoomedA + zoomedB) / 2);
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE_PIXELS;
    const [dx, dy] = [event.deltaX, event.deltaY].map((delta) => delta * pixels);
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const limited = Math.max(-MAX_WHEEL_PIXELS, Math.min(MAX_WHEEL_PIXELS, dy));
      this.view.zoom(Math.exp(limited * WHEEL_ZOOM_RATE), this.#timeAt(event.offsetX));
    } else if (Math.abs(dx) > Math.abs(dy)) {
      event.preventDefault();
      const { left, right } = this.target.area;
      this.view.pan((dx / (right - left)) * this.view.span);
    }
  }
}

/**
 * @param {PointerEvent} event
 * @returns {PointerPosition}
 */
const positionOf = ({ offsetX: x, offsetY: y }) => ({ x, y });
