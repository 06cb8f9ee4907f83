/** Frames before the measurement, in which code is compiled and caches are filled. */
const WARM_UP_FRAMES = 60;

/** @type {((frame: number) => void) | null} */
let drawFrame = null;
let nextFrame = 0;

/**
 * Create the charts of a contestant and draw the warm-up frames.
 *
 * @param {{ createCharts: (workload: import("./workload.js").Workload) =>
 *           (frame: number) => void }} contestant
 * @param {import("./workload.js").Workload} workload
 */
export async function prepare(contestant, workload) {
  const frameCount = workload.frames + WARM_UP_FRAMES;
  drawFrame = contestant.createCharts({ ...workload, frames: frameCount });
  nextFrame = 1;
  await drawFrames(WARM_UP_FRAMES);
}

/**
 * Draw frames, each when the display requests it.
 *
 * @param {number} count
 * @returns {Promise<number>} milliseconds of script
 */
export async function drawFrames(count) {
  let scriptMilliseconds = 0;
  for (let i = 0; i < count; i++) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const start = performance.now();
    drawFrame?.(nextFrame++);
    // Include work that is deferred to the microtasks of this frame.
    await null;
    await null;
    scriptMilliseconds += performance.now() - start;
  }
  return scriptMilliseconds;
}
