/** What a server that closes asks for, wherever it says so. */
const HINT = /retry in (\d+(?:\.\d+)?) s/;
const LONGEST_HINT = 60_000;

/**
 * @typedef {object} TransportListener
 * @property {(text: string) => void} onText takes each frame
 * @property {(pause: number | null) => void} onEnd
 * It was lost; `pause`: milliseconds after which the server wants to be asked again.
 */
/** @typedef {{ close: () => void }} Transport */

/**
 * Frames over a WebSocket.
 *
 * @param {new (address: string) => WebSocket} WebSocket
 * @param {string} address
 * @param {TransportListener} listener
 * @returns {Transport}
 */
export function openWebSocket(WebSocket, address, { onText, onEnd }) {
  const socket = new WebSocket(address);
  socket.onmessage = (event) => onText(event.data);
  socket.onclose = (event) => onEnd(hint(event?.reason));
  return socket;
}

/**
 * Frames as Server-Sent Events, which any proxy takes for an answer that is long.
 *
 * @param {new (address: string) => EventSource} EventSource
 * @param {string} address
 * @param {TransportListener} listener
 * @returns {Transport}
 */
export function openEventStream(EventSource, address, { onText, onEnd }) {
  const source = new EventSource(address);
  source.onmessage = (event) => {
    // The server's last word, which a WebSocket has in its close frame.
    const farewell = event.data.startsWith('{"type":"close"');
    if (farewell) onEnd(hint(JSON.parse(event.data).reason));
    else onText(event.data);
  };
  // It would come back by itself, but not with our pauses.
  source.onerror = () => onEnd(null);
  return source;
}

/** @param {string | undefined} reason */
function hint(reason) {
  const found = HINT.exec(reason ?? "");
  return found && Math.min(LONGEST_HINT, Number(found[1]) * 1_000);
}
