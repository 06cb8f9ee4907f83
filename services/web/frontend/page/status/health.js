/**
 * @typedef {"live" | "connecting" | "away"} State of the connection
 * @typedef {"well" | "quiet" | "paused" | "bad"} Health
 * @typedef {{ ok: boolean, error?: string }} Part
 * @typedef {import("./diskUsage.js").Storage} Storage
 * @typedef {{ redis: Part, database: Part, writer: Part, storage: Storage | null }} Readiness what
 *   /readyz says
 */

/** Seconds that the newest reading may be old at least, however often readings came before. */
const LEAST_PATIENCE = 15;
/** The same where it is not known how often they come. */
const UNKNOWN_PATIENCE = 60;
/** So many readings tell how often they come. */
const ENOUGH = 3;

/**
 * How the whole chain is, from the first reading to this page, in a word or two.
 *
 * @param {object} facts
 * @param {State} facts.state
 * @param {boolean} facts.back whether it was connected before
 * @param {Readiness | null} facts.ready what the server says of its parts, null: not known
 * @param {boolean} facts.some whether there are any readings
 * @param {boolean} facts.old whether the newest reading of every series is
 * @param {boolean} facts.live whether the window moves
 * @returns {{ health: Health, text: string }}
 */
export function healthOf({ state, back, ready, some, old, live }) {
  if (state === "away") return { health: "bad", text: "Server away" };
  if (state === "connecting") {
    return { health: "quiet", text: back ? "Reconnecting" : "Connecting" };
  }
  const trouble = ready && troubleOf(ready);
  if (trouble) return { health: "bad", text: trouble.text };
  if (!some) return { health: "quiet", text: "No readings" };
  if (old) return { health: "quiet", text: "No new readings" };
  return live ? { health: "well", text: "Live" } : { health: "paused", text: "Paused" };
}

/**
 * What is wrong behind the web server.
 *
 * @param {Readiness} ready
 * @returns {{ text: string, title: string, detail: string } | null} null when all is well
 */
export function troubleOf({ redis, database, writer }) {
  if (!redis.ok) {
    return {
      text: "Redis away",
      title: "Redis is away.",
      detail: "No new readings come until it is back; nothing that was taken is lost.",
    };
  }
  if (!database.ok) {
    return {
      text: "No database",
      title: "The database does not answer.",
      detail: "New readings are shown as they come; history is not.",
    };
  }
  if (!writer.ok) {
    return {
      text: "Not stored",
      title: "New readings are not stored yet.",
      detail: `The writer may be down: ${writer.error}. Redis keeps them until it is back.`,
    };
  }
  return null;
}

/**
 * Whether a series has gone stale: for longer than is usual nothing has come.
 *
 * @param {Pick<import("../../store/series.js").Series, "newest" | "readings">} series
 * @param {number} now seconds
 */
export function isOld({ newest: last, readings }, now) {
  const known = readings.length >= ENOUGH;
  const patience = known ? Math.max(LEAST_PATIENCE, readings.gapSeconds) : UNKNOWN_PATIENCE;
  return last === null || now - last.time > patience;
}
