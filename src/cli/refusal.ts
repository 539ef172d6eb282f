import type { ApiError } from '../client-http.ts';

/** What the API answered, with what a person can do. */
export const toldOf = ({ code, detail, errors }: ApiError): string => {
  const fields = errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
  // What the API says of its own calls, the command line says in its own words.
  const told = fields || detail.replace(/; (?:GET \/api\/agents|listAgents\(\)).*$/, '');
  const next = NEXT_STEP[code];
  return next ? `${told.replace(/\.$/, '')}. ${next}` : told;
};

/** What a person can do, by the code of the refusal. */
const NEXT_STEP: Record<string, string> = {
  empty_name: '`agent-monitor list` shows the sessions that are watched',
  not_running:
    'Start it with `npm start`; if it runs with another data folder, set AGENT_MONITOR_DATA_DIR as ' +
    'it has it',
  not_the_monitor: 'Check API_PORT and AGENT_MONITOR_DATA_DIR',
  broken_off: 'Its log may say why',
  session_not_found: '`agent-monitor list` shows the sessions that are watched',
  pane_gone: '`agent-monitor list` shows the sessions that are there',
  dialog_stale: '`agent-monitor show <session>` shows the dialog that is open now',
  not_answerable: 'Attach to it with `tmux attach -t <session>`',
  choice_unknown: '`agent-monitor show <session>` shows the options',
  unauthorized: 'Run this as the user that runs the monitor',
  queue_full: 'Wait until some are sent, and try again',
  stopping: 'Try again when it has started',
};
