/** Pause that a server asks for in its reason for closing. */
const RETRY_HINT = /retry in (\d+(?:\.\d+)?) s/;
const MAX_RETRY_MILLISECONDS = 60_000;
/** Code with which the server closes the connection of somebody who may not look any more. */
const ACCESS_ENDED_CODE = 4401;

/**
 * @typedef {object} TransportListener
 * @property {(text: string) => void} onText called with each frame
 * @property {(retryMilliseconds: number | null) => void} onEnd called when the connection is lost,
 *   with the pause that the server asks for, or null
 * @property {() => void} onAccessEnded called instead if the page may not look any more
 */
/** @typedef {{ close: () => void }} Transport */

/**
 * Open a WebSocket.
 *
 * @param {new (address: string) => WebSocket} WebSocket
 * @param {string} address
 * @param {TransportListener} listener
 * @returns {Transport}
 */
export function openWebSocket(WebSocket, address, { onText, onEnd, onAccessEnded }) {
  const socket = new WebSocket(address);
  socket.onmessage = (event) => onText(event.data);
  socket.onclose = (event) => {
    if (event?.code === ACCESS_ENDED_CODE) onAccessEnded();
    else onEnd(parseRetryHint(event?.reason));
  };
  return socket;
}

/**
 * Open a stream of Server-Sent Events, which any proxy passes on as a long HTTP response.
 *
 * @param {new (address: string) => EventSource} EventSource
 * @param {string} address
 * @param {TransportListener} listener
 * @returns {Transport}
 */
export function openEventStream(EventSource, address, { onText, onEnd, onAccessEnded }) {
  const source = new EventSource(address);
  source.onmessage = (event) => {
    // The last event carries the reason that a WebSocket has in its close frame.
    const isClosing = event.data.startsWith('{"type":"close"');
    if (!isClosing) {
      onText(event.data);
      return;
    }
    const { code, reason } = JSON.parse(event.data);
    if (code === ACCESS_ENDED_CODE) onAccessEnded();
    else onEnd(parseRetryHint(reason));
  };
  // The browser would reconnect automatically, but without our pauses.
  source.onerror = () => onEnd(null);
  return source;
}

/**
 * @param {string | undefined} reason
 * @returns {number | null} milliseconds
 */
function parseRetryHint(reason) {
  const match = RETRY_HINT.exec(reason ?? "");
  return match && Math.min(MAX_RETRY_MILLISECONDS, Number(match[1]) * 1_000);
}
