/**
 * Wait until points of a chart or of a sparkline are on the screen.
 *
 * @returns {Promise<number>} milliseconds since the navigation
 */
export async function find() {
  while (!hasChart() && !hasSparkline()) await nextFrame();
  // The next frame begins when this one is drawn.
  await nextFrame();
  return performance.now();
}

/** @returns {Promise<number>} time of the frame in milliseconds */
const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));

const hasChart = () =>
  [...document.querySelectorAll(".panel")].some(
    (panel) => Number(/** @type {HTMLElement} */ (panel).dataset.points) > 0,
  );

/** Return true if the first sparkline begins in the older half: it has its history. */
function hasSparkline() {
  const d = document.querySelector(".overview-spark path")?.getAttribute("d") ?? "";
  return /^M/.test(d) && parseFloat(d.slice(1)) < 48;
}
