import { expect, it } from 'vitest';
import { toldOf } from '../../../src/cli/refusal.ts';
import { ApiError } from '../../../src/client-http.ts';

it.each([
  {
    error: new ApiError('session_not_found', 'no session "x".', { status: 404 }),
    told: 'no session "x". `agent-monitor list` shows the sessions that are watched',
  },
  {
    error: new ApiError('not_the_monitor', 'what answers is not the monitor'),
    told: 'what answers is not the monitor. Check API_PORT and AGENT_MONITOR_DATA_DIR',
  },
  {
    error: new ApiError('empty_name', 'the name is ""; listAgents() and others tell what there is'),
    told: 'the name is "". `agent-monitor list` shows the sessions that are watched',
  },
  {
    error: new ApiError('invalid_field', 'limit: must be less', {
      ...{ status: 400, errors: [{ path: 'limit', message: 'must be 1 to 9' }] },
    }),
    told: 'limit: must be 1 to 9',
  },
])('tells $error.code in the words of the monitor, with the next step', ({ error, told }) => {
  expect(toldOf(error)).toBe(told);
});
