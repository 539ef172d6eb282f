import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BadScript, loadScript, parseScript } from '../../../demo/agent/script.ts';

const problemsOf = (text: string): string => {
  try {
    parseScript(text, 'agent.json');
  } catch (error) {
    if (error instanceof BadScript) return error.message;
    throw error;
  }
  throw new Error('the script was accepted');
};

describe('a script', () => {
  it.each(readdirSync('demo/scripts'))('%s is accepted', (file) => {
    expect(loadScript(`demo/scripts/${file}`).turns.length).toBeGreaterThan(0);
  });

  it('has a default for everything', () => {
    expect(parseScript('{}', 'agent.json')).toMatchObject({
      screen: 'alternate',
      mode: 'manual',
      turns: [],
      loop: false,
      frames: { perSecond: 10, pieces: 1 },
    });
  });
});

describe('a bad script', () => {
  it.each([
    { text: '{', says: 'agent.json: is not JSON' },
    { text: '{"turnz": []}', says: 'script: "turnz" is not known here; allowed: screen, mode' },
    { text: '{"screen": "half"}', says: 'screen: Invalid option: expected one of "alternate"' },
    {
      text: '{"turns": [{"steps": [{"step": "reed"}]}]}',
      says: 'turns[0].steps[0].step: needs "step", one of: think, read, search',
    },
    {
      text: '{"turns": [{"steps": [{"step": "read", "files": ["a"], "time": 3}]}]}',
      says: 'turns[0].steps[0]: "time" is not known here; allowed: step, ms, await, files',
    },
    {
      text: '{"turns": [{"steps": [{"step": "wait", "ms": "soon"}]}]}',
      says: 'turns[0].steps[0].ms: must be milliseconds, or [least, most]',
    },
    {
      text: '{"turns": [{"steps": [{"step": "wait", "await": "godot"}]}]}',
      says: 'turns[0].steps[0].await: must be "next", "input", "paste" or {"key"',
    },
    {
      text: '{"turns": [{"steps": [{"step": "edit", "file": "a", "diff": ["x"]}]}]}',
      says: 'turns[0].steps[0].diff[0]: must begin with a space, - or +',
    },
  ])('is refused: $says', ({ text, says }) => {
    expect(problemsOf(text)).toContain(says);
  });

  it('is told all its faults at once', () => {
    const problems = problemsOf('{"loop": 1, "frames": {"pieces": 0}}');
    expect(problems).toContain('loop: ');
    expect(problems).toContain('frames.pieces: ');
  });

  it('is named where it cannot be read', () => {
    expect(() => loadScript('demo/scripts/absent.json')).toThrow(/absent\.json: cannot be read/);
  });
});
