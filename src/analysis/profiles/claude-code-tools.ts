/** How Claude Code draws what it does: `●` blocks with a call and its result, or a group of them. */

import type { ToolMarks } from '../profile.ts';
import { ARGUMENTS } from './claude-code-marks.ts';

export const tools: ToolMarks = {
  calls: [
    { tool: 'read', line: /^[●⏺ ] (?:Read|NotebookRead)\((?<target>[^)]*)/u },
    { tool: 'edit', line: /^[●⏺ ] (?:Update|Edit|MultiEdit|NotebookEdit)\((?<target>[^)]*)/u },
    { tool: 'write', line: /^[●⏺ ] (?:Write|Create)\((?<target>[^)]*)/u },
    { tool: 'bash', line: /^[●⏺ ] (?:Bash|Shell)\((?<target>.*?)\)?$/u },
    { tool: 'search', line: /^[●⏺ ] (?:Search|Grep|Glob|List|LS)\((?<target>.*?)\)?$/u },
    {
      tool: 'other',
      line: /^[●⏺ ] (?:Fetch|Web ?Search|Web ?Fetch|ToolSearch|Agent|Task|Explore|Plan)\((?<target>.*?)\)?$/u,
    },
    { tool: 'other', line: /^[●⏺ ] (?<count>\d+) (?:background )?agents? launched/u },
    {
      tool: 'other',
      line: new RegExp(
        `^[●⏺] (?<target>(?:[A-Za-z][\\w .:-]{0,80} \\(MCP\\)|[A-Za-z][\\w.:-]{0,60}(?: [A-Z]\\w{0,30}){0,2})${ARGUMENTS}.*?)\\)?$`,
        'u',
      ),
      changes: true,
    },
  ],
  results: [
    { tool: 'write', line: /^ {2}⎿ +Wrote \d/u },
    { tool: 'edit', line: /^ {2}⎿ +(?:Added|Removed|Updated|Replaced) \S/u },
  ],
  group: {
    line: /^[●⏺ ] ([A-Z][^…]*?)(?: · \d+ failed| · \d+s)?…?(?: · \d+ failed)?(?: \(ctrl\+\w to expand\))?$/u,
    parts: [
      {
        tool: 'think',
        line: /^th(?:ought|inking) for (?:(?<minutes>\d+)m ?)?(?:(?<seconds>\d+)s)?$/i,
      },
      { tool: 'search', line: /^search(?:ed|ing) for (?<count>\d+) patterns?$/i },
      { tool: 'search', line: /^list(?:ed|ing) (?<count>\d+) director(?:y|ies)$/i },
      { tool: 'read', line: /^read(?:ing)? (?<count>\d+) files?$/i },
      { tool: 'write', line: /^(?:wrote|writing|created|creating) (?<count>\d+) files?$/i },
      { tool: 'edit', line: /^edit(?:ed|ing) (?<count>\d+) files?$/i },
      { tool: 'bash', line: /^r(?:an|unning) (?<count>\d+) (?:shell|bash) commands?$/i },
      { tool: 'other', line: /^[a-z]+ing? (?<count>\d+) (?:pages?|tools?|agents?)$/i },
    ],
    doing: [
      { tool: 'read', line: /^Reading \S/ },
      { tool: 'search', line: /^(?:Searching|Listing|Finding) \S/ },
    ],
    current: /^ {2}⎿ {1,2}(\S.*)$/u,
    growing: /…$/u,
    waiting: /^\s*Waiting for permission…/u,
    command: /^\$ (.*?)(?: \((?:\d+m ?)?\d+s\))?$/,
  },
  running: /⎿\s+Running…|· (?:\d+m ?)?\d+s…?$|\((?:\d+m ?)?\d+s\)$/u,
  result: {
    line: /^ {2}⎿/u,
    waiting: /^ {2}⎿\s+Waiting…/u,
    failed: /^ {2}⎿\s+Error\b/u,
    refused: /^(?:[●⏺ ] Did not run \d| {2}⎿\s+(?:User rejected|No \(tell Claude|Interrupted\b))/u,
  },
};
