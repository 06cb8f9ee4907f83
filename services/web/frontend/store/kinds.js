/**
 * Return true if a mean of the values says something: that of a counter does not.
 *
 * @param {{ name: string, kind?: string | null }} series
 */
export const hasMean = ({ kind }) => kind !== "counter";
