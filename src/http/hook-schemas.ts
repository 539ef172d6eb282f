import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { HookOrigin, HookPayload } from '../../actors/ports.ts';

const name = z.string({ error: 'must be a text' }).max(500);
const path = z.string({ error: 'must be a text' }).max(4_096);
const text = z.string({ error: 'must be a text' });
const list = z.array(z.unknown(), { error: 'must be a list' });

/** Agents add fields from one version to the next: what is not known here is passed over. */
export const hookBody = z
  .object(
    {
      hook_event_name: name.exactOptional(),
      session_id: name.exactOptional(),
      transcript_path: path.exactOptional(),
      cwd: path.exactOptional(),
      agent_id: name.exactOptional(),
      turn_id: name.exactOptional(),
      prompt: text.exactOptional(),
      tool_name: name.exactOptional(),
      tool_use_id: name.exactOptional(),
      tool_input: z.unknown().optional(),
      notification_type: name.exactOptional(),
      message: text.exactOptional(),
      error: text.exactOptional(),
      last_assistant_message: text.nullable().exactOptional(),
      background_tasks: list.exactOptional(),
      type: name.exactOptional(),
      'thread-id': name.exactOptional(),
      'input-messages': list.exactOptional(),
    },
    { error: 'must be the object that the agent gives to its hooks' },
  )
  .refine(({ hook_event_name, type }) => hook_event_name !== undefined || type !== undefined, {
    path: ['hook_event_name'],
    message: 'must name the hook',
  }) satisfies z.ZodType<HookPayload>;

/**
 * What `hooks install` has the agent send along, if it does: which agent it is, and of its environment
 * `$TMUX_PANE`, and `$TMUX`, which is the server's socket, its process id and a number. Outside of tmux
 * both are empty.
 */
export const originOf = (headers: IncomingHttpHeaders): HookOrigin => {
  const pane = headers['x-agent-monitor-pane'];
  const tmux = headers['x-agent-monitor-tmux'];
  const agent = headers['x-agent-monitor-agent'];
  const isSaid = typeof pane === 'string' && !pane.includes('$');
  const serverPid = typeof tmux === 'string' ? /,(\d{1,10}),\d+$/.exec(tmux)?.[1] : undefined;
  return {
    pane: isSaid ? (/^%\d{1,10}$/.exec(pane)?.[0] ?? '') : null,
    serverPid: serverPid === undefined ? null : Number(serverPid),
    agent: typeof agent === 'string' && /^[a-z][a-z0-9-]{0,63}$/.test(agent) ? agent : null,
  };
};
