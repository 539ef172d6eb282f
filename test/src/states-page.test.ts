/** docs/states.md says what the code does: its words, its numbers and its settings. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ATTENTIONS, STATES } from '../../machines/vocabulary.ts';
import { loadProfiles } from '../../src/analysis/custom-profiles.ts';
import { PROFILES } from '../../src/analysis/profiles/index.ts';
import { readConfig } from '../../src/config.ts';
import { createExplainer } from '../../src/explain.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/states.md'), 'utf8');

/** The words in the first column of the table with that heading. */
const wordsUnder = (heading: string): string[] => {
  const table = page.slice(page.indexOf(`| ${heading} |`)).split('\n\n', 1)[0] ?? '';
  return table
    .split('\n')
    .slice(2)
    .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([\w-]+)`/g)])
    .map(([, word = '']) => word);
};

describe('docs/states.md', () => {
  it('tells every state and every attention', () => {
    expect(wordsUnder('state').sort()).toEqual([...STATES].sort());
    expect(wordsUnder('attention').sort()).toEqual([...ATTENTIONS].sort());
    expect(wordsUnder('`progressSource`').sort()).toEqual(['none', 'spec', 'todos']);
  });

  it('tells every reason that a rule of ours can give', () => {
    const told = wordsUnder('`reason`');
    const given = Object.values(PROFILES).flatMap(({ rules, dialog }) => [
      ...rules.map(({ reason }) => reason),
      ...(dialog?.rules ?? []).map(({ attention }) => attention),
    ]);
    expect([...new Set(given)].filter((reason) => !told.includes(reason))).toEqual([]);
  });

  it.each([
    ['tmux.pane-dead', 'error', 'Pane is dead (status 1, Mon Nov 23 02:00:00 2026)'],
    ['<kind>.unreadable', 'unknown', 'nothing of Codex'],
  ])('tells the rule %s, which is no profile’s', (rule, activity, screen) => {
    const { explanation } = createExplainer(PROFILES).explainScreen({
      screen,
      title: '',
      kind: 'codex',
    });
    expect(explanation).toMatchObject({ rule: rule.replace('<kind>', 'codex'), activity });
    expect(page).toContain(`\`${rule}\``);
    expect(wordsUnder('`reason`')).toContain(explanation.reason);
  });

  it('tells the limits as they are set', () => {
    const { stuckAfterSeconds, stuckToolSeconds, specFiles } = readConfig({
      argv: [],
      env: {},
      readFile: () => '',
    });
    expect(page).toContain(
      `nothing meaningful has happened for ${stuckAfterSeconds === 300 ? 'five' : '?'} minutes`,
    );
    expect(page).toContain(`the limit is ${stuckToolSeconds / 60} minutes`);
    for (const name of specFiles.filter((each) => /^[A-Z]/.test(each)))
      expect(page).toContain(name);
  });

  it('corrects with settings that work', () => {
    const [, toml = ''] = /^```toml\n(.*?)^```/ms.exec(page) ?? [];
    const config = readConfig({
      argv: [],
      env: { AGENT_MONITOR_CONFIG: '/agent-monitor.toml' },
      readFile: () => toml,
    });
    expect(config).toMatchObject({
      stuckAfterSeconds: 600,
      stuckToolSeconds: 3600,
      specFiles: ['ROADMAP.md'],
      agents: [{ session: 'legacy-*', kind: 'codex' }],
    });
    const rule = '─'.repeat(40);
    const screen = `❯ close it\n\n● Ticket closed\n\n${rule}\n❯ \n${rule}\n  ? for shortcuts`;
    const given = { screen, title: '', kind: 'claude-code' };
    const { explanation } = createExplainer(loadProfiles(config)).explainScreen(given);
    expect(explanation).toMatchObject({
      activity: 'complete',
      rule: 'claude-code.closed',
      evidence: '● Ticket closed',
    });
  });
});
