// Exchanges the code of a link, or a token that a person enters, for a cookie that no script can read.
// What the answer holds for scripts goes with every change that a page of this monitor asks for.

const form = document.querySelector('form');
const status = document.querySelector('output');

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void logIn(form.elements.secret.value.trim());
});

// What follows the # is sent to no server; out of the address a code also stays in no history. Anything
// else there is the page of the dashboard that was asked for.
const code = new URLSearchParams(location.hash.slice(1)).get('code');
if (code !== null) {
  history.replaceState(null, '', location.pathname + location.search);
  void logIn(code);
}

async function logIn(secret) {
  status.value = 'Logging in …';
  const answer = await fetch('/api/login', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ secret }),
  }).catch(() => null);
  if (!answer?.ok) {
    const problem = await answer?.json();
    status.value = problem?.detail ?? 'The monitor does not answer.';
    return;
  }
  const { csrf } = await answer.json();
  localStorage.setItem('agent-monitor.csrf', csrf);
  // Any other page that was asked for is still at this address.
  if (location.pathname === '/login') location.replace('/');
  else location.reload();
}
