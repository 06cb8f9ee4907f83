/** Milliseconds between two drawings for people who asked for less motion. */
const CALM = 1_000;

/**
 * Call `draw` at the display's rate as long as the page can be seen; where the system asks for
 * reduced motion, once a second and at once after what a person does.
 *
 * @param {() => void} draw
 * @returns {() => void} to be called when a person has done something
 */
export function eachFrame(draw) {
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  let last = -Infinity;
  const frame = (/** @type {number} */ time) => {
    // A hidden page gets no frames at all, so nothing is drawn there.
    requestAnimationFrame(frame);
    if (calm.matches && time - last < CALM) return;
    last = time;
    draw();
  };
  requestAnimationFrame(frame);
  return () => {
    last = -Infinity;
  };
}
