/**
 * Return a function that returns the offset of a time zone at a time, in seconds.
 *
 * @param {string} zone
 */
export function zoneOffsets(zone) {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
    hour: "numeric", minute: "numeric", second: "numeric",
  });
  return (/** @type {number} */ time) => {
    const wholeSeconds = Math.floor(time);
    const parts = Object.fromEntries(
      format.formatToParts(wholeSeconds * 1_000).map(({ type, value }) => [type, Number(value)]),
    );
    const { year, month, day, hour, minute, second } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) / 1_000 - wholeSeconds;
  };
}

/**
 * Parse a time to seconds.
 *
 * @param {string} text
 */
export const timeOf = (text) => Date.parse(text) / 1_000;
