/**
 * Report where the pointer is on a chart, until it leaves or is pressed outside all charts.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {(x: number | null) => void} onPoint called with a pixel of the canvas; null if it is gone
 * @param {AbortSignal} signal ends the tracking
 */
export function trackPointer(canvas, onPoint, signal) {
  const onPointer = (/** @type {PointerEvent} */ { offsetX }) => onPoint(offsetX);
  canvas.addEventListener("pointerdown", onPointer, { signal });
  canvas.addEventListener("pointermove", onPointer, { signal });
  // A lifted finger leaves the tooltip readable until the next tap elsewhere.
  const onLeave = (/** @type {PointerEvent} */ { pointerType }) => {
    if (pointerType === "mouse") onPoint(null);
  };
  canvas.addEventListener("pointerleave", onLeave, { signal });
  const onPointerOutside = (/** @type {PointerEvent} */ { target }) => {
    if (!(target instanceof HTMLCanvasElement)) onPoint(null);
  };
  document.addEventListener("pointerdown", onPointerOutside, { signal });
}
