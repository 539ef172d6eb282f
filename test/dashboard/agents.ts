import {
  type Agent,
  type Dialog,
  type MonitorEvent,
  NO_INDICATORS,
} from '../../machines/vocabulary.ts';

/** An agent at work, as the list has it. */
export const AGENT: Agent = {
  ...{ session: 'shop-api', kind: 'claude-code', state: 'working', since: 1_000 },
  ...{ reason: 'tool', evidence: '● Bash(npm test)', attention: 'none', progress: 0 },
  ...{ progressSource: 'none', indicators: NO_INDICATORS, connection: 'attached', restarts: 0 },
  ...{ lastActivity: 1_000, pane: '%1', otherPanes: [], cwd: '/home/user/project' },
  ...{ title: 'Fix the tests', queued: 0 },
};

export const DIALOG: Dialog = {
  ...{ id: 'd1', attention: 'approval', question: 'Proceed?', since: 2_000 },
  options: [{ id: '1', label: 'Yes', key: '1', preselected: true }],
};

/** A change of state, unless it says something else. */
export const eventOf = (fields: Partial<MonitorEvent>): MonitorEvent => ({
  ...{ event: 'state_change', session: 'shop-api', timestamp: 5_000, seq: 1, epoch: 'e' },
  host: 'devbox',
  ...fields,
});
