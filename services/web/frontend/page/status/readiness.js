/** @typedef {import("./health.js").Readiness} Readiness */

/** Milliseconds between two requests, normally and while a component fails. */
const POLL_INTERVAL_MS = 20_000;
const PROBLEM_POLL_INTERVAL_MS = 4_000;

/**
 * Poll the readiness of the server while the page is visible. A failure is reported only if it
 * lasts for two requests: a writer that has just started is not ready for a moment.
 *
 * @param {() => Promise<Readiness>} fetchReadiness
 * @param {(readiness: Readiness | null) => void} onReadiness null: not known
 */
export function pollReadiness(fetchReadiness, onReadiness) {
  let failures = 0;
  const poll = async () => {
    if (document.visibilityState === "visible") {
      const readiness = await fetchReadiness().catch(() => null);
      failures = !readiness || isReady(readiness) ? 0 : failures + 1;
      onReadiness(failures === 1 ? null : readiness);
    }
    setTimeout(poll, failures ? PROBLEM_POLL_INTERVAL_MS : POLL_INTERVAL_MS);
  };
  setTimeout(poll, PROBLEM_POLL_INTERVAL_MS);
}

/** @param {Readiness} readiness */
const isReady = ({ redis, database, writer }) => redis.ok && database.ok && writer.ok;
