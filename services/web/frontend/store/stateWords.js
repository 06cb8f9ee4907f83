/** Names of what is open or closed, in whole words. */
const OPENING = /(^|[^a-z])(door|window|contact|gate|garage|lid|valve)s?([^a-z]|$)/i;
const OPENING_WORDS = ["closed", "open"];
const SWITCH_WORDS = ["off", "on"];

/**
 * Return the word for a value of a state: one that people have set, or one for 0 and 1.
 *
 * @param {{ name?: string, states?: Record<string, string> | null }} series
 * @param {number} value
 * @returns {string | null} null without a word
 */
export function stateWord({ name = "", states }, value) {
  const word = states?.[String(value)];
  if (word) return word;
  if (value !== 0 && value !== 1) return null;
  return (OPENING.test(name) ? OPENING_WORDS : SWITCH_WORDS)[value];
}
