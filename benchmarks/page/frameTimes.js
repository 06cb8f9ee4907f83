/**
 * Record the frames of the display for some time, while the page may scroll.
 *
 * @param {object} options
 * @param {number} options.milliseconds how long
 * @param {number} options.scrollPixels pixels to scroll in each frame, back and forth; 0 for none
 * @returns {Promise<number[]>} milliseconds between frames
 */
export async function record({ milliseconds, scrollPixels }) {
  /** @type {number[]} */
  const durations = [];
  let step = scrollPixels;
  let before = await nextFrame();
  for (const end = before + milliseconds; before < end; ) {
    const room = document.documentElement.scrollHeight - window.innerHeight;
    if (step > 0 && window.scrollY >= room - 1) step = -scrollPixels;
    else if (step < 0 && window.scrollY <= 0) step = scrollPixels;
    if (step) window.scrollBy(0, step);
    const time = await nextFrame();
    durations.push(time - before);
    before = time;
  }
  return durations;
}

/** @returns {Promise<number>} time of the frame in milliseconds */
const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
