const HEADER = "Content-Type: application/json";
const TOKEN_HEADER = "Authorization: Bearer TOKEN";
const READING = '{"series":"kitchen","value":21.5}';

/** @typedef {{ title: string, text: string }} Snippet a command and its heading */

/**
 * Create commands that send a reading to this server.
 *
 * @param {string} address where readings are posted
 * @param {string} publish the command that publishes on the Redis channel
 * @param {string} command the command of Stripchart
 * @param {boolean} needsToken true if programs must log in
 * @returns {Snippet[]}
 */
export function createSnippets(address, publish, command, needsToken) {
  const headers = needsToken ? [HEADER, TOKEN_HEADER] : [HEADER];
  const options = headers.map((header) => `-H '${header}'`).join(" ");
  return [
    { title: "With curl", text: `curl ${quoteForShell(address)} ${options} -d '${READING}'` },
    { title: "With Redis", text: `${publish} '${READING}'` },
    { title: "With Python", text: pythonProgram(address, headers) },
    { title: "With Stripchart", text: `${command} send kitchen 21.5` },
  ];
}

/**
 * @param {string} address
 * @param {string[]} headers
 */
function pythonProgram(address, headers) {
  return [
    "import json, urllib.request",
    'reading = {"series": "kitchen", "value": 21.5}',
    // A JSON string is also a valid Python string.
    `request = urllib.request.Request(${JSON.stringify(address)}, json.dumps(reading).encode())`,
    ...headers.map((header) => {
      const parts = header.split(": ").map((part) => JSON.stringify(part));
      return `request.add_header(${parts.join(", ")})`;
    }),
    "urllib.request.urlopen(request)",
  ].join("\n");
}

/**
 * Quote an address as one word of a shell, if it needs quotes.
 *
 * @param {string} address
 */
function quoteForShell(address) {
  return /^[\w:/.-]+$/.test(address) ? address : `'${address.replaceAll("'", "%27")}'`;
}
