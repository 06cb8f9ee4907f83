/**
 * @typedef {"live" | "connecting" | "offline"} PageConnection
 * @typedef {"ok" | "waiting" | "paused" | "error"} Health
 * @typedef {{ kind: string, newest: { time: number } | null, completeFrom: number,
 *             readings: { length: number, newestGapSeconds: number },
 *             layers: { end: number, gapSeconds: number }[] }} StatusSeries
 * @typedef {{ ok: boolean, answers?: boolean, refused?: boolean, error?: string }} ComponentStatus
 * @typedef {import("./diskUsage.js").DiskUsage} DiskUsage
 * @typedef {{ redis: ComponentStatus, database: ComponentStatus, writer: ComponentStatus,
 *             storage: DiskUsage | null }} Readiness what `/api/status` reports
 */

/** A newest reading is never stale before this age, however frequent readings are. */
const MIN_STALE_SECONDS = 15;
/** Age from which it is stale if the interval between readings is not known: some send rarely. */
const DEFAULT_STALE_SECONDS = 900;
/** Readings from which the interval between them is known. */
const MIN_READINGS = 2;

/**
 * Determine the health of the whole chain, from the first reading to this page.
 *
 * @param {object} facts
 * @param {PageConnection} facts.connection
 * @param {boolean} facts.wasLive true if the page was connected before
 * @param {boolean} facts.isRefused true if the server answers, and refuses this page
 * @param {string} facts.end why the page may not look any more, such as "Signed out"; "" if it may
 * @param {Readiness | null} facts.readiness null if not known
 * @param {boolean} facts.hasReadings
 * @param {boolean} facts.stale true if every series is stale
 * @param {boolean} facts.windowLive true if the time window is live
 * @returns {{ health: Health, text: string }}
 */
export function determineHealth(facts) {
  const { connection, wasLive, isRefused, end, readiness, hasReadings, stale, windowLive } = facts;
  if (end) return { health: "error", text: end };
  if (connection === "offline") {
    return { health: "error", text: isRefused ? "Refused" : "Server unreachable" };
  }
  // Without Redis, the live connection never begins.
  const problem = readiness && findProblem(readiness);
  if (problem) return { health: "error", text: problem.text };
  if (connection === "connecting") {
    return { health: "waiting", text: wasLive ? "Reconnecting" : "Connecting" };
  }
  if (!hasReadings) return { health: "waiting", text: "No readings" };
  if (stale) return { health: "waiting", text: "No new readings" };
  return windowLive ? { health: "ok", text: "Live" } : { health: "paused", text: "Paused" };
}

/**
 * Find the first component behind the web server that fails.
 *
 * @param {Readiness} readiness
 * @returns {{ text: string, title: string, detail: string } | null} null if all are well
 */
export function findProblem({ redis, database, writer }) {
  if (!redis.ok && redis.refused) {
    return {
      text: "Refused by Redis",
      title: "Redis refuses a command of this server.",
      detail: `${redis.error}.`,
    };
  }
  if (!redis.ok && redis.answers) {
    return {
      text: "Not accepted",
      title: "Redis accepts no new readings.",
      detail: `Senders must keep them and try again. Reason: ${redis.error}.`,
    };
  }
  if (!redis.ok) {
    return {
      text: "Redis unreachable",
      title: "Redis does not answer.",
      detail: "No accepted reading is lost. New ones arrive once Redis is back: check that it is running.",
    };
  }
  if (!database.ok) {
    return {
      text: "Database unavailable",
      title: "The database does not answer.",
      detail: "New readings still appear, but history can't be loaded. Check the server's log.",
    };
  }
  if (!writer.ok) {
    return {
      text: "Not stored",
      title: "New readings are not stored yet.",
      detail:
        "Redis keeps them until the writer is back. Check that it is running. " +
        `Reason: ${writer.error}.`,
    };
  }
  return null;
}

/**
 * Return true if a series has had no reading for longer than usual.
 *
 * @param {StatusSeries} series
 * @param {number} now seconds
 */
export function isStale(series, now) {
  const { newest, kind } = series;
  // A state that stays as it is needs no reading.
  if (kind === "state") return newest === null;
  return newest === null || now - newest.time > maxAgeSeconds(series, newest.time);
}

/**
 * Return the age up to which the newest reading of a series is not late.
 *
 * @param {StatusSeries} series
 * @param {number} newestTime seconds
 */
function maxAgeSeconds({ readings, layers, completeFrom }, newestTime) {
  if (readings.length >= MIN_READINGS) return Math.max(MIN_STALE_SECONDS, readings.newestGapSeconds);
  const layer = layers.find(({ end }) => end >= MIN_READINGS);
  if (layer) return Math.max(MIN_STALE_SECONDS, layer.gapSeconds);
  // Where nothing came before the newest reading, the next one may be as far away.
  const quietSeconds = newestTime - completeFrom;
  return Math.max(DEFAULT_STALE_SECONDS, Number.isFinite(quietSeconds) ? quietSeconds : 0);
}
