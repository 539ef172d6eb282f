// The bridge between the live actors (a WebSocket of this server) and an inspector page, which takes
// the messages by postMessage once it has said that it is connected (@statelyai/inspect 0.7).

const form = document.querySelector('form');
const status = document.querySelector('output');
const place = document.querySelector('main');

/** Ends the bridge to what is open. */
let opened = new AbortController();

form.addEventListener('submit', (event) => {
  event.preventDefault();
  opened.abort();
  opened = new AbortController();
  const address = new URL(form.elements.address.value);
  if (!/^https?:$/.test(address.protocol)) {
    status.value = 'The address must begin with http:// or https://.';
    return;
  }
  const inspector = event.submitter.value === 'window' ? openWindow(address) : openFrame(address);
  if (inspector) bridge(inspector, address.origin, opened.signal);
  else status.value = 'The browser did not open a window: allow pop-ups for this page.';
});

function openFrame(address) {
  const frame = document.createElement('iframe');
  frame.title = 'Inspector';
  frame.src = address;
  place.replaceChildren(frame);
  return frame.contentWindow;
}

function openWindow(address) {
  place.replaceChildren();
  return window.open(address, 'inspector');
}

/** Connects the window that was opened whenever a page of that origin in it asks to be, also when it is loaded again. */
function bridge(inspector, origin, signal) {
  let connection = new AbortController();
  signal.addEventListener('abort', () => connection.abort());
  status.value = `Waiting for ${origin} …`;
  window.addEventListener(
    'message',
    ({ source, data, origin: from }) => {
      if (source !== inspector || from !== origin || data?.type !== '@statelyai.connected') return;
      connection.abort();
      connection = new AbortController();
      connect(inspector, origin, connection.signal);
    },
    { signal },
  );
}

/** The server begins each connection with all actors that live. Messages go only to pages of that origin. */
function connect(inspector, origin, signal) {
  let told = 0;
  const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/api/inspect`);
  signal.addEventListener('abort', () => socket.close());
  socket.addEventListener(
    'message',
    ({ data }) => {
      inspector.postMessage(JSON.parse(data), origin);
      told += 1;
      status.value = `Connected to ${origin}: ${told} messages.`;
    },
    { signal },
  );
  socket.addEventListener(
    'close',
    () => {
      status.value = 'The monitor is no longer there. Open again once it is back.';
    },
    { signal },
  );
}
