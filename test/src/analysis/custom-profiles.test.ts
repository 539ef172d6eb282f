import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { classify } from '../../../src/analysis/classify.ts';
import { checkProfiles, loadProfiles } from '../../../src/analysis/custom-profiles.ts';
import { type ProfileTables, profileSchema } from '../../../src/analysis/custom-schema.ts';
import { dialogMarksOf } from '../../../src/analysis/dialog-marks.ts';
import { kindOf, kindOfTitle } from '../../../src/analysis/kinds.ts';
import type { Pattern } from '../../../src/analysis/profile.ts';
import { PROFILES } from '../../../src/analysis/profiles/index.ts';
import { kindOfScreen } from '../../../src/analysis/screen-kind.ts';
import { recordedScreen } from './screens.ts';

const tablesOf = (toml: string): ProfileTables =>
  (parseToml(toml) as { profiles: ProfileTables }).profiles;

const load = (toml: string) => {
  const profiles = tablesOf(toml);
  expect(checkProfiles(profiles)).toEqual([]);
  return loadProfiles({ profiles });
};

const RULE = `
  when = [{ region = "last", line = 'x' }]
  activity = "idle"
  reason = "prompt"
`;

const look = (kind: string, text: string) => ({
  ...{ kind, text, title: '', width: 80, height: 24, command: '' },
});

const page = readFileSync(join(import.meta.dirname, '../../../docs/adding-an-agent.md'), 'utf8');
const [description = '', rest = ''] = page.split(/^## Changing a built-in agent$/m);
const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
    ([, body = '']) => body,
  );

describe('a kind of one’s own', () => {
  const profiles = load(blocks(description, 'toml').join('\n'));

  it('leaves the built-in ones as they are', () => {
    expect(profiles).toMatchObject(PROFILES);
    expect(Object.keys(profiles)).toEqual([...Object.keys(PROFILES), 'tern']);
  });

  it.each([
    [['tern']],
    [['/opt/tern/bin/tern', '--resume']],
    [['node', '/usr/bin/tern']],
    [['python3.12', '/home/user/.local/bin/tern']],
    [['python3', '-m', 'tern']],
    [['/bin/sh', './tern']],
  ])('is found by its program: %j', (argv) => {
    const seen = { processes: [{ pid: 7, argv }], command: 'x', title: '' };
    expect(kindOf(seen, profiles)).toEqual({ kind: 'tern', pid: 7 });
    expect(kindOf(seen)).toBeNull();
  });

  it.each([
    [['python3', 'gemini']],
    [['bash', '/usr/bin/claude']],
    [['vim', 'tern']],
    [['tern-log']],
    [['bash', '-c', 'tern --help']],
    [['bash']],
  ])('is not seen in %j', (argv) => {
    const seen = { processes: [{ pid: 7, argv }], command: 'x', title: '' };
    expect(kindOf(seen, profiles)).toBeNull();
  });

  it('is found by its package, and in a tunnel by its title', () => {
    const { tern } = load(`
      [profiles.tern]
      found_by = { packages = ["@acme/tern"], titles = ['^Tern:'] }
      [[profiles.tern.rules]]
      name = "a"
      ${RULE}
    `);
    const own = { tern: tern as NonNullable<typeof tern> };
    const script = '/usr/lib/node_modules/@acme/tern/dist/main.js';
    const processes = [{ pid: 7, argv: ['node', script] }];
    expect(kindOf({ processes, command: 'node', title: '' }, own)?.kind).toBe('tern');
    expect(kindOfTitle('Tern: dives', own)).toBe('tern');
    const ssh = [{ pid: 7, argv: ['ssh', 'host'] }];
    expect(kindOf({ processes: ssh, command: 'ssh', title: 'Tern: x' }, own)).toEqual({
      kind: 'tern',
      pid: null,
    });
    expect(kindOf({ processes: ssh, command: 'vim', title: 'Tern: x' }, own)).toBeNull();
  });

  it('is judged by its own rules, and by none where there is no profile', () => {
    const [resting = ''] = blocks(description, 'text');
    expect(classify(look('tern', resting), profiles)).toMatchObject({ rule: 'tern.ready' });
    expect(classify(look('tern', resting))).toMatchObject({ rule: 'generic.unreadable' });
  });

  it('does not take its counters for progress', () => {
    const [, reading = ''] = blocks(description, 'text');
    const { fingerprint } = classify(look('tern', reading), profiles);
    const later = reading
      .replace('3s, 2 crumbs', '48s, 31 crumbs')
      .replace('61 crumbs', '32 crumbs');
    expect(classify(look('tern', later), profiles).fingerprint).toBe(fingerprint);
    const other = reading.replace('lexer', 'writer');
    expect(classify(look('tern', other), profiles).fingerprint).not.toBe(fingerprint);
  });

  it('keeps typing off its dialogs', () => {
    expect(dialogMarksOf('tern', profiles)).toEqual(['chooses, q leaves']);
  });
});

describe('a profile that extends another', () => {
  const named = (rules: readonly { name: string }[] = []) => rules.map(({ name }) => name);
  const codex = named(PROFILES.codex.rules);

  it('puts rules in place of their namesakes, before those they name, or first', () => {
    const { codex: changed } = load(`
      [[profiles.codex.rules]]
      name = "codex.done"
      ${RULE}
      [[profiles.codex.rules]]
      name = "own.early"
      before = "codex.done"
      ${RULE}
      [[profiles.codex.rules]]
      name = "own.first"
      ${RULE}
      [[profiles.codex.dialog.rules]]
      name = "codex.approval"
      attention = "approval"
      question = '^Sure'
    `);
    const at = codex.indexOf('codex.done');
    expect(named(changed?.rules)).toEqual([
      'own.first',
      ...codex.slice(0, at),
      'own.early',
      ...codex.slice(at),
    ]);
    expect(changed?.rules.find(({ name }) => name === 'codex.done')?.activity).toBe('idle');
    const dialogs = named(PROFILES.codex.dialog?.rules);
    const once = dialogs.filter(
      (name, row) => name !== 'codex.approval' || dialogs.indexOf(name) === row,
    );
    expect(once.length).toBeLessThan(dialogs.length);
    expect(named(changed?.dialog?.rules)).toEqual(once);
    expect(changed?.composer).toBe(PROFILES.codex.composer);
  });

  it('moves a rule that names another to stand before', () => {
    const { codex: changed } = load(`
      [[profiles.codex.rules]]
      name = "codex.prompt"
      before = "${codex[0]}"
      ${RULE}
    `);
    expect(named(changed?.rules)).toEqual([
      'codex.prompt',
      ...codex.filter((name) => name !== 'codex.prompt'),
    ]);
  });

  it('takes what changes by itself out of each line', () => {
    const profiles = load(`
      [profiles.tern]
      volatile = ['^tip: .*$']
      [[profiles.tern.rules]]
      name = "tern.any"
      ${RULE}
    `);
    const fingerprintOf = (...rows: string[]) =>
      classify(look('tern', rows.join('\n')), profiles).fingerprint;
    expect(fingerprintOf('work', 'tip: one', 'x')).toBe(fingerprintOf('work', 'tip: two', 'x'));
    expect(fingerprintOf('work', 'no tip: one')).not.toBe(fingerprintOf('work', 'no tip: two'));
  });

  it('replaces single values and adds to lists', () => {
    const { 'claude-code': changed } = load(`
      [profiles.claude-code]
      volatile = ['\\$\\d+ spent']
      [profiles.claude-code.composer]
      placeholder = '^Say'
      [profiles.claude-code.dialog]
      shown = ["Own hint"]
      [profiles.claude-code.tools]
      calls = [{ tool = "read", line = '^own' }]
    `);
    const base = PROFILES['claude-code'];
    const { placeholder, ...others } = changed?.composer ?? {};
    expect(placeholder?.test('Say it')).toBe(true);
    expect({ ...others, placeholder: base.composer?.placeholder }).toEqual(base.composer);
    expect(changed?.dialog?.shown).toEqual([...(base.dialog?.shown ?? []), 'Own hint']);
    expect(changed?.tools?.calls.slice(1)).toEqual(base.tools?.calls);
    expect(changed?.volatile?.slice(0, -1)).toEqual(base.volatile);
    expect('$3 spent, $4 spent'.replace(changed?.volatile?.at(-1) as Pattern, '')).toBe(', ');
  });

  it('begins with another kind’s, or with nothing, where it says so', () => {
    const {
      fork,
      gemini,
      'gemini-cli': bare,
    } = load(`
      [profiles.fork]
      extends = "codex"
      found_by = { programs = ["fork"] }
      [profiles.gemini]
      extends = "gemini-cli"
      [profiles.gemini-cli]
      extends = "none"
      [[profiles.gemini-cli.rules]]
      name = "own"
      ${RULE}
    `);
    expect(fork).toMatchObject({ kind: 'fork', rules: PROFILES.codex.rules });
    expect(gemini).toMatchObject({ kind: 'gemini', rules: PROFILES['gemini-cli'].rules });
    expect(named(bare?.rules)).toEqual(['own']);
    expect(bare?.dialog).toBeUndefined();
  });
});

describe('who a changed kind is', () => {
  const seen = (...argv: string[]) => ({ processes: [{ pid: 7, argv }], command: 'x', title: '' });

  it.each([
    ['a name more', `found_by = { programs = ["codex-nightly"] }`],
    ['no other rules', `extends = "none"\nrules = []`],
    ['another’s rules', `extends = "gemini-cli"`],
  ])('stays known with %s', (_, toml) => {
    const profiles = load(`[profiles.codex]\n${toml}`);
    expect(kindOf(seen('codex'), profiles)?.kind).toBe('codex');
    expect(kindOf(seen('gemini'), profiles)?.kind).toBe('gemini-cli');
    const { text } = recordedScreen('codex/0.169.0/25-approval-command.txt');
    expect(kindOfScreen(text, profiles)).toBe('codex');
  });

  it('is known by its further names too', () => {
    const profiles = load(`[profiles.codex]\nfound_by = { programs = ["codex-nightly"] }`);
    expect(kindOf(seen('codex-nightly'), profiles)?.kind).toBe('codex');
    expect(kindOf(seen('sh', '/opt/codex-nightly'), profiles)?.kind).toBe('codex');
  });

  it('is known behind any interpreter once its program is named', () => {
    const profiles = load(`[profiles.claude-code]\nfound_by = { programs = ["claude"] }`);
    expect(kindOf(seen('python3', '/opt/claude'))).toBeNull();
    expect(kindOf(seen('python3', '/opt/claude'), profiles)?.kind).toBe('claude-code');
  });

  it('is not taken for its base', () => {
    const profiles = load(`[profiles.fork]\nextends = "codex"\nfound_by = { programs = ["fork"] }`);
    expect(kindOf(seen('codex'), profiles)?.kind).toBe('codex');
    expect(kindOf(seen('fork'), profiles)?.kind).toBe('fork');
  });
});

describe('a screen that someone hands over', () => {
  const profiles = load(`
    [profiles.tern.drawn]
    signs = ['^= \\w']
    words = ['^Tern \\d']
    [profiles.tern]
    rules = []
  `);

  it.each([
    ['tern', 'Tern 0.3\n\n= Read notes.txt\n\ntern>'],
    [null, '= Read notes.txt\n\n> '],
    ['codex', recordedScreen('codex/0.169.0/25-approval-command.txt').text],
  ])('is of the kind %s', (kind, text) => {
    expect(kindOfScreen(text, profiles)).toBe(kind);
  });
});

describe('tools of one’s own', () => {
  const seeWith = (tools: string, ...rows: string[]) => {
    const profiles = load(`
      [profiles.tern]
      rules = [{ name = "tern.busy", when = [{ region = "last", line = '^busy' }], activity = "turn", reason = "x" }]
      [profiles.tern.tools]
      ${tools}
    `);
    const { activity, sightings } = classify(
      look('tern', [...rows, '', 'busy'].join('\n')),
      profiles,
    );
    return { activity, counts: sightings.map(({ tool, count }) => `${tool} ${count}`) };
  };
  const GROUP = (parts: string) =>
    `calls = []\ngroup = { line = '^= (.*)$', parts = [${parts}], current = '^  > (.*)$', command = '^\\$ (.*)$' }`;

  it.each([
    ['read', '', 'reading'],
    ['edit', '', 'working'],
    ['other', '', 'reading'],
    ['other', ', changes = true', 'working'],
  ])('take a result of %s%s for %s', (tool, changes, activity) => {
    const results = `calls = []\nresults = [{ tool = "${tool}", line = '^  > \\d+ lines$'${changes} }]`;
    expect(seeWith(results, '  > 12 lines')).toEqual({ activity, counts: [`${tool} 1`] });
  });

  it.each([
    [`{ tool = "read", line = '^read a file$' }`, 'read a file', ['read 1']],
    [`{ tool = "read", line = '^read (?<count>\\d+) files$' }`, 'read 3 files', ['read 3']],
    [
      `{ tool = "think", line = '^thought for ((?<minutes>\\d+)m )?(?<seconds>\\d+)s$' }`,
      'thought for 2m 5s',
      ['think 125'],
    ],
  ])('count what %s says', (part, heading, counts) => {
    expect(seeWith(GROUP(part), `= ${heading}`).counts).toEqual(counts);
  });

  it.each(['results', 'parts', 'doing'])('refuse in %s what would not be heeded', (list) => {
    const mark = `{ tool = "read", line = 'x', listed = true }`;
    const tools =
      list === 'results'
        ? `calls = []\nresults = [${mark}]`
        : GROUP(list === 'parts' ? mark : '').replace(
            'current',
            `doing = [${list === 'doing' ? mark : ''}], current`,
          );
    const [fault] = checkProfiles(
      tablesOf(`[profiles.tern]\nrules = []\n[profiles.tern.tools]\n${tools}`),
    );
    expect(fault?.place).toMatch(new RegExp(`\\b${list}\\[0\\]\\.listed$`));
  });
});

describe('checkProfiles', () => {
  const faultsOf = (toml: string) =>
    checkProfiles(tablesOf(toml)).map(({ place, message }) => `${place}: ${message}`);

  it.each([
    ['[profiles.A]', 'profiles.A: a kind is named'],
    ['[profiles.none]', 'profiles.none: a kind is named'],
    ['[profiles."a b"]', 'profiles."a b": a kind is named'],
    ['profiles.tern = 3', 'profiles.tern: must be a table'],
    ['[profiles.codex]\nblockHead = "x"', 'profiles.codex.blockHead: is not known'],
    ['[profiles.codex]\nbusy_title = ""', 'profiles.codex.busy_title: must not be empty'],
    ['[profiles.codex]\nbusy_title = 3', 'profiles.codex.busy_title: must be a regular'],
    ['[profiles.codex]\ninterrupt_keys = []', 'profiles.codex.interrupt_keys: must not be empty'],
    [
      '[profiles.codex]\ninterrupt_keys = ["Esc"]',
      'profiles.codex.interrupt_keys[0]: must be a key as tmux names it',
    ],
    [
      `[profiles.codex]\nvolatile = ['${'x'.repeat(1001)}']`,
      'profiles.codex.volatile[0]: must have',
    ],
    [
      '[profiles.codex.composer]\nprompt = "> "',
      'profiles.codex.composer.prompt: must have a group',
    ],
    [
      "[profiles.codex.todos]\nline = '(a)'",
      'profiles.codex.todos.line: must have a group (?<text>',
    ],
    [
      '[[profiles.codex.rules]]\nname = "a"\nbefore = "codex.non"\nwhen = [{ composer = ["empty"] }]\nactivity = "idle"\nreason = "x"',
      'profiles.codex.rules[0].before: must name a rule of the extended profile: codex.',
    ],
    [
      `[profiles.tern]\nrules = [{ name = "a", ${RULE.trim().replaceAll('\n', ',')} }, { name = "a", ${RULE.trim().replaceAll('\n', ',')} }]`,
      'profiles.tern.rules[1].name: must not be the name of another rule',
    ],
    [
      '[profiles.codex.composer]\nframe = "bar"',
      'profiles.codex.composer.bar: must say what the bar looks like',
    ],
    [
      '[profiles.codex.dialog]\nshown = []\nrules = [{ name = "a", attention = "none" }]',
      'profiles.codex.dialog.shown: must name',
      'profiles.codex.dialog.rules[0].attention: must be one of approval',
    ],
    [
      '[profiles.tern]\nrules = []\n[profiles.tern.tools]\nrunning = "x"\n[profiles.tern.dialog]\nkeys = "letter"',
      'profiles.tern.dialog.shown: must be a list',
      'profiles.tern.dialog.keys: must be one of number, bracket',
      'profiles.tern.dialog.rules: must be a list',
      'profiles.tern.tools.calls: must be a list',
    ],
  ])('finds what is wrong in %j', (toml, ...faults) => {
    expect(faultsOf(toml)).toEqual(faults.map((fault) => expect.stringContaining(fault)));
  });
});

describe('docs/adding-an-agent.md', () => {
  it('has an example of a changed agent that is read', () => {
    const [toml = ''] = blocks(rest, 'toml');
    expect(load(toml)['claude-code']?.rules.map(({ name }) => name)).toContain(
      'claude-code.proxy-down',
    );
  });

  it('lists every key, marked where it must be there', () => {
    const missing = keysOf(profileSchema(null)).filter(({ key, isNeeded }) =>
      isNeeded ? !page.includes(`${key}*`) && !page.includes(`\`${key}\`*`) : !page.includes(key),
    );
    expect(missing).toEqual([]);
  });
});

interface Key {
  key: string;
  isNeeded: boolean;
}

/** The keys of a schema's tables, as a file has them. */
const keysOf = (schema: z.core.$ZodType): Key[] => {
  const { def } = schema._zod as unknown as { def: Record<string, z.core.$ZodType> };
  const shape = (def.shape ?? {}) as unknown as Record<string, z.core.$ZodType>;
  const inner = [def.innerType, def.element, def.in].filter((each) => each !== undefined);
  return [
    ...inner.flatMap(keysOf),
    ...Object.entries(shape).flatMap(([name, field]) => [
      {
        key: name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
        isNeeded: field._zod.optin === undefined,
      },
      ...keysOf(field),
    ]),
  ];
};
