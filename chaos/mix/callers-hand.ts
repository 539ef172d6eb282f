/** What the callers of the API do besides sending commands, some of them badly. */

import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentDetail, Command } from '../../machines/vocabulary.ts';
import { tryCall } from './calls.ts';
import type { Fault } from './plan.ts';
import type { Doings, Scene } from './scene.ts';

export const callersHand = ({
  watched,
  troupe,
  tmux,
  reader,
  violation,
}: Scene): Doings<'callers'> => {
  const { daemon } = watched;
  /** What could not be done, because the daemon or the session is not there now, is no fault. */
  const post = async (path: string, body?: object, method = 'POST'): Promise<boolean> => {
    const answer = await tryCall(daemon, method, path, { body });
    if (answer !== null && answer.status >= 500 && !UNAVAILABLE.has(answer.status))
      violation(
        `${method} ${path} was answered with ${answer.status} ${JSON.stringify(answer.body)}`,
      );
    return answer !== null && answer.status < 300;
  };
  const path = ({ agent }: Fault, rest = ''): string =>
    `/api/agents/${encodeURIComponent(troupe.name(agent))}${rest}`;

  /** A command in that status, if there is one. */
  const commandIn = async (
    fault: Fault,
    status: Command['status'],
  ): Promise<Command | undefined> => {
    const answer = await tryCall(daemon, 'GET', path(fault, '/commands'));
    if (answer?.status !== 200) return undefined;
    return (answer.body as { commands: Command[] }).commands.find(
      (command) => command.status === status,
    );
  };

  return {
    'dialog-answered': async (fault) => {
      // Of all that show one, the next after that agent.
      const answer = await tryCall(daemon, 'GET', '/api/agents?attention=approval');
      const waiting =
        (answer?.body as { agents?: { session: string }[] } | undefined)?.agents ?? [];
      const { session } = waiting[fault.agent % waiting.length] ?? {
        session: troupe.name(fault.agent),
      };
      const of = `/api/agents/${encodeURIComponent(session)}`;
      const shown = await tryCall(daemon, 'GET', of);
      const dialog = (shown?.body as Partial<AgentDetail> | undefined)?.dialog;
      const choice = dialog?.options[Math.floor(fault.choice * dialog.options.length)];
      if (!dialog || !choice) return false;
      return post(`${of}/answer`, { dialog: dialog.id, choice: choice.id, source: 'chaos' });
    },
    'turn-interrupted': (fault) => post(path(fault, '/interrupt')),
    'command-cancelled': async (fault) => {
      const command = await commandIn(fault, 'queued');
      return command !== undefined && post(`/api/commands/${command.id}`, undefined, 'DELETE');
    },
    'command-retried': async (fault) => {
      const command = (await commandIn(fault, 'unknown')) ?? (await commandIn(fault, 'failed'));
      return command !== undefined && post(`/api/commands/${command.id}/retry`);
    },
    'agent-killed': (fault) => post(path(fault, '/kill')),
    'agent-restarted': (fault) => post(path(fault, '/restart')),
    'hook-posted': async (fault) => {
      const { paneId } = troupe.life(fault.agent);
      const { pid } = await tmux.identity().catch(() => ({ pid: 0 })); // It has just ended.
      const answer = await tryCall(daemon, 'POST', '/api/hooks/claude-code', {
        body: hookOf(fault),
        headers: {
          'x-agent-monitor-pane': paneId,
          'x-agent-monitor-tmux': `${tmux.socket},${pid},0`,
        },
      });
      return answer?.status === 200;
    },
    'garbage-posted': async (fault) => {
      const { method, path: to, body } = garbageOf(fault, path(fault));
      const answer = await tryCall(daemon, method, to, { body });
      if (answer !== null && (answer.status < 400 || answer.status >= 500))
        violation(`${method} ${to} with garbage was answered with ${answer.status}`);
      return answer !== null;
    },
    'reader-cut': async () => {
      reader.cut();
      return true;
    },
    'reader-stalled': async ({ lastsMs }) => {
      const { hostname, port } = new URL(daemon.url);
      const socket = connect({ host: hostname, port: Number(port) });
      socket.on('error', () => socket.destroy()); // The daemon has just ended.
      socket.write(`GET /api/events/stream?after=0 HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
      socket.pause();
      await delay(lastsMs);
      socket.destroy();
      return true;
    },
    'looks-asked': async (fault) => {
      const asked = Array.from({ length: LOOKS }, (_, index) =>
        post(path(fault, index % 2 === 0 ? '/look' : '/output?lines=100'), undefined, 'GET'),
      );
      return (await Promise.all(asked)).some((isAnswered) => isAnswered);
    },
  };
};

/** Nothing can be written, no pane can be asked, or the daemon is stopping. */
const UNAVAILABLE = new Set([502, 503, 507]);
const LOOKS = 40;

/** A call that only looks, told twice: its end comes once more, as it may. */
const hookOf = ({ agent, choice }: Fault): object => ({
  hook_event_name: 'PostToolUse',
  session_id: `conversation-${agent}`,
  tool_name: 'Read',
  tool_use_id: `call-${Math.floor(choice * 20)}`,
  tool_input: { file_path: '/home/user/project/cart.ts' },
});

const garbageOf = (
  { choice }: Fault,
  agent: string,
): { method: string; path: string; body?: string } => {
  const all = [
    { method: 'POST', path: '/api/hooks/claude-code', body: '{"hook_event_name":' },
    { method: 'POST', path: '/api/hooks/claude-code', body: '[]' },
    { method: 'POST', path: `${agent}/command`, body: '{"command":"\\u0003"}' },
    { method: 'POST', path: `${agent}/command`, body: '['.repeat(50_000) },
    { method: 'POST', path: '/api/agents/%00/command', body: '{"command":"x"}' },
    { method: 'POST', path: `${agent}/answer`, body: '{"dialog":"none"}' },
    { method: 'GET', path: '/api/events?after=-1' },
    { method: 'DELETE', path: '/api/commands/none' },
  ];
  return all[Math.floor(choice * all.length)] ?? { method: 'GET', path: '/none' };
};
