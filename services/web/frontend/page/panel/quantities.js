/**
 * What values of a unit measure. It is not here if that depends: "%", "g" (acceleration or mass),
 * "mm" (length or rain), "s" (duration or time), "K" (temperature or colour), "dB".
 *
 * @type {[string, string[]][]}
 */
const QUANTITIES = [
  ["Temperature", ["°C", "°F"]],
  ["Power", ["W"]],
  ["Energy", ["Wh", "J"]],
  ["Voltage", ["V"]],
  ["Current", ["A"]],
  ["Charge", ["Ah"]],
  ["Apparent power", ["VA"]],
  ["Resistance", ["Ω"]],
  ["Frequency", ["Hz"]],
  ["Pressure", ["Pa", "bar", "psi"]],
  ["Illuminance", ["lx"]],
  ["Concentration", ["ppm", "ppb", "µg/m³", "mg/m³"]],
  ["Signal strength", ["dBm"]],
  ["Rotational speed", ["rpm"]],
  ["Speed", ["m/s", "km/h", "mph"]],
  ["Data rate", ["B/s", "bit/s"]],
  ["Volume", ["L", "l", "m³"]],
  ["Flow", ["L/min", "l/min", "L/h", "l/h", "m³/h"]],
];
const BY_UNIT = new Map(QUANTITIES.flatMap(([name, units]) => units.map((unit) => [unit, name])));
/** Prefixes of units, such as in kW, mA and hPa. */
const PREFIX = /^[nµumhkMGT](?=.)/u;

/**
 * Return the quantity that values of a unit measure, or null if the unit does not tell.
 *
 * @param {string} unit
 */
export function quantityOf(unit) {
  return BY_UNIT.get(unit) ?? BY_UNIT.get(unit.replace(PREFIX, "")) ?? null;
}
