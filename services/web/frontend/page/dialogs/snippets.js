const HEADER = "Content-Type: application/json";
const READING = '{"series":"kitchen","value":21.5}';

/**
 * Commands that send a reading to this very server.
 *
 * @param {string} address where readings are posted
 * @param {string} publish the command that publishes on the channel
 * @param {string} command that of Stripchart itself
 * @returns {{ title: string, text: string }[]}
 */
export function snippetsOf(address, publish, command) {
  return [
    { title: "With curl", text: `curl ${shellWord(address)} -H '${HEADER}' -d '${READING}'` },
    { title: "With Redis", text: `${publish} '${READING}'` },
    { title: "With Python", text: pythonOf(address) },
    { title: "With Stripchart", text: `${command} send kitchen 21.5` },
  ];
}

/** @param {string} address */
function pythonOf(address) {
  return [
    "import json, urllib.request",
    'reading = {"series": "kitchen", "value": 21.5}',
    // What JSON makes of a text is a text of Python too.
    `request = urllib.request.Request(${JSON.stringify(address)}, json.dumps(reading).encode())`,
    `request.add_header(${HEADER.split(": ").map((part) => JSON.stringify(part)).join(", ")})`,
    "urllib.request.urlopen(request)",
  ].join("\n");
}

/**
 * The address as a word of a shell.
 *
 * @param {string} address
 */
function shellWord(address) {
  return /^[\w:/.-]+$/.test(address) ? address : `'${address.replaceAll("'", "%27")}'`;
}
