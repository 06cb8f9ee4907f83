/** Milliseconds between two drawings for people who asked for less motion. */
const REDUCED_MOTION_INTERVAL_MS = 1_000;

/**
 * Call `draw` before each repaint of the display. Where the system asks for reduced motion, call it
 * once a second and right after an action of the user.
 *
 * @param {() => void} draw
 * @returns {() => void} call it after an action of the user: the next frame is drawn at once
 */
export function startAnimationLoop(draw) {
  const reducedMotion = window.matchMedia("(prefers-reduced-motion: reduce)");
  let drawnAt = -Infinity;
  const onFrame = (/** @type {number} */ time) => {
    // A hidden page gets no animation frames, so nothing is drawn there.
    requestAnimationFrame(onFrame);
    if (reducedMotion.matches && time - drawnAt < REDUCED_MOTION_INTERVAL_MS) return;
    drawnAt = time;
    draw();
  };
  requestAnimationFrame(onFrame);
  return () => {
    drawnAt = -Infinity;
  };
}
