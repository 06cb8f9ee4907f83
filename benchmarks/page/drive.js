/** Frames before it is measured: code is compiled, and what is made once is made. */
const WARM = 60;

/** @type {((frame: number) => void) | null} */
let draw = null;
let next = 0;

/**
 * Make a contestant's charts, and draw until it runs warm.
 *
 * @param {{ make: (load: import("./load.js").Load) => (frame: number) => void }} contestant
 * @param {import("./load.js").Load} load
 */
export async function prepare(contestant, load) {
  draw = contestant.make({ ...load, frames: load.frames + WARM });
  next = 1;
  await frames(WARM);
}

/**
 * Draw so many frames, each when the display asks for it.
 *
 * @param {number} count
 * @returns {Promise<number>} milliseconds of script
 */
export async function frames(count) {
  let script = 0;
  for (let i = 0; i < count; i++) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const begin = performance.now();
    draw?.(next++);
    // What was put off to the end of this task belongs to it.
    await null;
    await null;
    script += performance.now() - begin;
  }
  return script;
}
