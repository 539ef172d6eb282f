import { describe, expect, it } from 'vitest';
import { colouredScreens, recordedScreens } from '../../accuracy/screens.ts';
import { PROFILES } from '../../src/analysis/profiles/index.ts';
import { createExplainer } from '../../src/explain.ts';
import { recordedScreen } from './analysis/screens.ts';

const { explainScreen, kindNamed } = createExplainer(PROFILES);
const FIELDS = ['kind', 'activity', 'attention', 'reason', 'rule', 'evidence'];
const explain = (screen: string, title = '') =>
  explainScreen({ screen, title, kind: null }).explanation;

describe('explainScreen', () => {
  const all = [...recordedScreens(), ...colouredScreens()];

  it.each(all)('finds out by itself what $file is, and of which kind', ({ kind, text, title }) => {
    const given = explainScreen({ screen: text, title, kind }).explanation;
    expect(explain(text, title)).toEqual(given);
    expect(given.kind).toBe(kind);
  });

  it('gives the rule, the evidence, the progress and the counts, and nothing else', () => {
    const { text } = recordedScreen('claude-code/2.1.330/51-permission-bash.txt');
    expect(explain(text)).toEqual({
      kind: 'claude-code',
      activity: 'working',
      attention: 'approval',
      reason: 'approval',
      rule: 'claude-code.approval',
      evidence: 'Do you want to proceed?',
      progress: 66,
      indicators: expect.objectContaining({ filesWritten: 1 }),
    });
  });

  it('leaves out what the screen does not show', () => {
    expect(Object.keys(explain('$ '))).toEqual(FIELDS);
  });

  it('reads a screen with carriage returns as one without', () => {
    for (const { text, title } of recordedScreens('claude-code').slice(0, 40)) {
      expect(explain(text.replaceAll('\n', '\r\n'), title)).toEqual(explain(text, title));
    }
  });

  it.each(['', '\n\n', ' ', '\u0000', '\u001b[', '\u001b]0;title'])(
    'takes %j for a shell of which nothing is known',
    (screen) => {
      expect(explain(screen)).toMatchObject({ kind: 'generic', activity: 'unknown' });
    },
  );

  it.each([
    ['given', { kind: 'codex', title: '✳ Claude Code' }],
    ['title', { kind: null, title: '✳ Claude Code' }],
    ['screen', { kind: null, title: 'shop' }],
  ] as const)('says that the kind is known by what is %s', (by, given) => {
    const { text } = recordedScreen('claude-code/2.1.330/57-complete.txt');
    expect(explainScreen({ ...given, screen: text }).kindBy).toBe(by);
  });
});

describe('kindNamed', () => {
  it.each([
    ['claude-code', 'claude-code'],
    ['claude', 'claude-code'],
    ['qwen', 'qwen-code'],
    ['codex', 'codex'],
    ['generic', 'generic'],
    ['Claude', null],
    ['constructor', null],
  ])('%s is %s', (name, kind) => {
    expect(kindNamed(name)).toBe(kind);
  });
});
