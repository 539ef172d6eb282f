// The bridge between the live actors (a WebSocket of this server) and an inspector page, which takes
// the messages by postMessage once it has said that it is connected (@statelyai/inspect 0.7).

const form = document.querySelector('form');
const status = document.querySelector('output');
const place = document.querySelector('main');

/** Ends what is open before something else is opened. */
let close = () => {};

form.addEventListener('submit', (event) => {
  event.preventDefault();
  close();
  const address = new URL(form.elements.address.value);
  if (!/^https?:$/.test(address.protocol)) {
    status.value = 'The address must begin with http:// or https://.';
    return;
  }
  const opened = event.submitter.value === 'window' ? openWindow(address) : openFrame(address);
  if (opened) bridge(opened, address.origin);
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

/** Messages go to the window that was opened, and only while a page of that origin is in it. */
function bridge(inspector, origin) {
  let waiting = [];
  let told = 0;
  const tell = (message) => {
    inspector.postMessage(message, origin);
    told += 1;
    status.value = `Connected to ${origin}: ${told} messages.`;
  };
  const hear = ({ source, data, origin: from }) => {
    if (source !== inspector || from !== origin || data?.type !== '@statelyai.connected') return;
    for (const message of waiting ?? []) tell(message);
    waiting = null;
  };
  const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/api/inspect`);
  status.value = `Waiting for ${origin} …`;
  window.addEventListener('message', hear);
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(data);
    if (waiting === null) tell(message);
    else waiting.push(message);
  });
  socket.addEventListener('close', () => {
    status.value = 'The monitor is no longer there. Open again once it is back.';
  });
  close = () => {
    window.removeEventListener('message', hear);
    socket.close();
  };
}
