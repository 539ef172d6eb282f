/** Names the tools of agents in our words. */

import type { ToolCounts } from '../../machines/vocabulary.ts';

export type CountedTool = keyof ToolCounts;

/** A call that failed has read and written nothing; a command that failed has run all the same. */
export const toolOf = (name: string, failed: boolean): CountedTool => {
  const tool = TOOLS.get(name) ?? 'other';
  return failed && NEED_SUCCESS.has(tool) ? 'other' : tool;
};

const TOOLS: ReadonlyMap<string, CountedTool> = new Map([
  ['Read', 'read'],
  ['NotebookRead', 'read'],
  ['Write', 'write'],
  ['Edit', 'edit'],
  ['MultiEdit', 'edit'],
  ['NotebookEdit', 'edit'],
  ['apply_patch', 'edit'],
  ['Bash', 'bash'],
  ['Grep', 'search'],
  ['Glob', 'search'],
  ['LS', 'search'],
  ['ToolSearch', 'search'],
  ['WebSearch', 'search'],
]);

const NEED_SUCCESS: ReadonlySet<CountedTool> = new Set(['read', 'write', 'edit']);
