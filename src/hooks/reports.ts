/** What each hook says, in our words. */

import type { HookPayload } from '../../actors/ports.ts';
import type { HookReport } from '../../machines/vocabulary.ts';
import { toolOf } from './tools.ts';

/**
 * Null for a hook that says nothing about the agent's state.
 * @param onlyReads whether a shell command only looks at things.
 */
export const toReport = (
  payload: HookPayload,
  onlyReads: (command: string) => boolean,
): HookReport | null => {
  const inside = payload.agent_id !== undefined;
  const tool = payload.tool_name ?? '';
  const evidence = evidenceOf(payload);
  switch (eventOf(payload)) {
    case 'UserPromptSubmit':
      return { tells: 'turn-started', evidence };
    case 'PreToolUse':
      return { tells: 'tool-started', evidence, inside };
    case 'PostToolUse':
    case 'PostToolUseFailure': {
      const counted = toolOf(tool, payload.hook_event_name === 'PostToolUseFailure');
      const changes =
        counted === 'bash'
          ? !onlyReads(textAt(payload.tool_input, 'command'))
          : counted === 'write' || counted === 'edit';
      const id = payload.tool_use_id ?? null;
      return { tells: 'tool-ended', evidence, inside, id, tool: counted, changes };
    }
    case 'Notification': {
      const message = lineOf(payload.message ?? '');
      return isAboutPermission(payload) ? { tells: 'dialog-waiting', evidence, message } : null;
    }
    case 'Stop': {
      if (inside) return null;
      // A server that was started in the background may run for days: the agent awaits none.
      const background = unfinishedTasks(payload).filter(({ type }) => type === 'subagent').length;
      return { tells: 'turn-ended', evidence, background };
    }
    case 'StopFailure':
      return inside ? null : { tells: 'turn-failed', evidence };
    case 'SessionEnd':
      return { tells: 'session-ended', evidence };
    default:
      return null;
  }
};

/**
 * The hook's name. Codex's older `notify` program is told of ended turns only, in words of its own;
 * also of those in which it makes up a title, which nobody asked for (0.169).
 */
export const eventOf = (payload: HookPayload): string => {
  if (payload.hook_event_name !== undefined) return payload.hook_event_name;
  if (payload.type !== 'agent-turn-complete') return '';
  const [first] = payload['input-messages'] ?? [];
  return typeof first === 'string' && first.startsWith(TITLE_REQUEST) ? '' : 'Stop';
};

/** What the agent had started and had not ended when it stopped; the type is '' where it has none. */
export const unfinishedTasks = ({ background_tasks: tasks = [] }: HookPayload): Task[] =>
  tasks
    .filter((task) => UNFINISHED.has(textAt(task, 'status')))
    .map((task) => ({ type: textAt(task, 'type') }));

interface Task {
  type: string;
}

const UNFINISHED: ReadonlySet<string> = new Set(['', 'running', 'pending']);

const TITLE_REQUEST = 'Generate a concise, single-line task title';

/** Of `idle_prompt`, a minute after the end, nothing new is learnt. Older versions have no type. */
const isAboutPermission = ({ notification_type: type, message = '' }: HookPayload): boolean =>
  type === undefined ? /permission/i.test(message) : type === 'permission_prompt';

const evidenceOf = (payload: HookPayload): string => {
  const { prompt, tool_name: tool, error, message } = payload;
  const event = eventOf(payload);
  const about =
    event === 'StopFailure'
      ? [error, payload.last_assistant_message]
      : [tool, ...TOLD_OF_TOOL.map((field) => textAt(payload.tool_input, field)), prompt, message];
  return lineOf([event, ...about].filter(Boolean).join(' '));
};

const TOLD_OF_TOOL = ['command', 'file_path', 'pattern'];

const textAt = (value: unknown, field: string): string => {
  const found =
    typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)[field]
      : undefined;
  return typeof found === 'string' ? found : '';
};

/** One line that a terminal may show. */
const lineOf = (text: string): string =>
  text
    .slice(0, MAX_LINE * 4)
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_LINE);

const MAX_LINE = 200;
