/** @typedef {import("./health.js").Readiness} Readiness */

/** Milliseconds between two looks; shorter when something is wrong. */
const PACE = 20_000;
const ANXIOUS_PACE = 4_000;

/**
 * Asks the server how its parts are, as long as the page can be seen. A part counts as bad when it
 * was so twice: a writer that has just begun is not ready for a moment.
 *
 * @param {() => Promise<Readiness>} ask
 * @param {(ready: Readiness | null) => void} onAnswer takes null when the server does not say
 */
export function watchReadiness(ask, onAnswer) {
  let bad = 0;
  const look = async () => {
    if (document.visibilityState === "visible") {
      const ready = await ask().catch(() => null);
      const well = !ready || (ready.redis.ok && ready.database.ok && ready.writer.ok);
      bad = well ? 0 : bad + 1;
      onAnswer(bad === 1 ? null : ready);
    }
    setTimeout(look, bad ? ANXIOUS_PACE : PACE);
  };
  setTimeout(look, ANXIOUS_PACE);
}
