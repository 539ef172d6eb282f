import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ToolCounts } from '../../../machines/vocabulary.ts';
import {
  createTranscripts,
  type Transcripts,
  type TranscriptsOptions,
  type Writer,
} from '../../../src/hooks/transcripts.ts';
import { fixtureOf } from '../../support/hooks.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { PATIENCE } from '../../support/patience.ts';
import { createRecordedLog, type RecordedLog } from '../../support/recorded-log.ts';

const TEXT = fixtureOf('claude-code-transcript.jsonl');
const ALL = { read: 4, bash: 2, edit: 1, write: 1, search: 1, other: 9 };

let folder: string;
let path: string;
let clock: ManualClock;
let log: RecordedLog;
let told: ToolCounts[];
let isAlive: boolean;
let transcripts: Transcripts;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'am-transcripts-'));
  path = join(folder, 'one.jsonl');
  clock = createManualClock();
  log = createRecordedLog();
  told = [];
  isAlive = true;
  transcripts = create(async () => null);
});
afterEach(() => {
  vi.restoreAllMocks();
  transcripts.stop();
  rmSync(folder, { recursive: true, force: true });
});

const create = (startedAt: TranscriptsOptions['startedAt']): Transcripts =>
  createTranscripts({
    ...{ clock, log, startedAt },
    told: (_path, _writer, counts) => {
      told.push(counts);
      return isAlive;
    },
  });

/** The paths that were let go, in order. */
const letGo = () =>
  log.lines
    .filter(({ message }) => message === 'a transcript is no longer followed')
    .map(({ fields }) => (fields as { path?: string }).path);

const ANY = { agentPid: null, keys: [] };
const agent = (agentPid: number) => ({ agentPid, keys: [] });

/** Lets it read once more, as a hook would, and waits until it has done so. */
const read = async (writer: Writer = ANY) => {
  transcripts.follow(path, writer);
  await vi.waitFor(() => expect(clock.pending()).toBe(1), PATIENCE);
  clock.advance(300);
  await settled();
};

/** The reading is over when the next one is planned, or there will be none. */
const settled = () =>
  vi.waitFor(
    () => expect(clock.pending() === 1 || log.messages('debug').length > 0).toBe(true),
    PATIENCE,
  );

const aRead = (id: string) =>
  [
    { message: { content: [{ type: 'tool_use', id, name: 'Read' }] } },
    { message: { content: [{ type: 'tool_result', tool_use_id: id }] } },
  ]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');

it('counts what is there, and then what is added', async () => {
  writeFileSync(path, TEXT);
  await read();
  expect(told).toEqual([ALL]);
  appendFileSync(path, aRead('x1'));
  await read();
  expect(told.at(-1)).toEqual({ ...ALL, read: 5 });
});

it('says nothing where nothing was added', async () => {
  writeFileSync(path, TEXT);
  await read();
  await read();
  expect(told).toHaveLength(1);
});

it('reads on by itself, though no hook comes', async () => {
  writeFileSync(path, '');
  await read();
  appendFileSync(path, aRead('x1'));
  clock.advance(5_000);
  await settled();
  expect(told).toEqual([{ read: 1 }]);
});

it('takes up a half line where it was left', async () => {
  const cut = TEXT.length - 700;
  writeFileSync(path, TEXT.slice(0, cut));
  await read();
  appendFileSync(path, TEXT.slice(cut));
  await read();
  expect(told.at(-1)).toEqual(ALL);
});

it('survives that the file is cut and written anew', async () => {
  writeFileSync(path, TEXT + aRead('x1'));
  await read();
  truncateSync(path, 0);
  appendFileSync(path, aRead('x1') + aRead('x2'));
  await read();
  expect(told.at(-1)).toEqual({ ...ALL, read: 6 });
});

it('survives that another file takes its place', async () => {
  writeFileSync(path, aRead('x1'));
  await read();
  writeFileSync(`${path}.new`, aRead('x1') + aRead('x2') + aRead('x3'));
  renameSync(`${path}.new`, path);
  await read();
  expect(told.at(-1)).toEqual({ read: 3 });
});

it('leaves out a line that is huge, and none of the others', async () => {
  writeFileSync(path, aRead('x1'));
  appendFileSync(path, `{"message": "${'"tool_use" '.repeat(1_000_000)}"}\n`);
  appendFileSync(path, aRead('x2'));
  await read();
  expect(told).toEqual([{ read: 2 }]);
});

it('waits for a file that is not there yet', async () => {
  await read();
  expect(told).toEqual([]);
  writeFileSync(path, aRead('x1'));
  await read();
  expect(told).toEqual([{ read: 1 }]);
});

it.each([
  { what: 'a pipe', make: () => execFileSync('mkfifo', [path]) },
  { what: 'a folder', make: () => mkdirSync(path) },
  {
    what: 'a link',
    make: () => {
      writeFileSync(join(folder, 'other'), aRead('x1'));
      symlinkSync(join(folder, 'other'), path);
    },
  },
])('reads no $what, and lets go of it', async ({ make }) => {
  make();
  await read();
  expect(told).toEqual([]);
  expect(letGo()).toEqual([path]);
  expect(clock.pending()).toBe(0);
});

it.each(['one.jsonl', '/etc/passwd', '/dev/tty'])('follows no %s', (named) => {
  transcripts.follow(named, ANY);
  expect([clock.pending(), log.lines]).toEqual([0, []]);
});

it('reads no file of another user', async () => {
  writeFileSync(path, TEXT);
  const uid = process.getuid?.() ?? 0;
  vi.spyOn(process, 'getuid').mockReturnValue(uid + 1);
  await read();
  expect([told, letGo()]).toEqual([[], [path]]);
});

it('reads no file that is beyond measure', async () => {
  writeFileSync(path, TEXT);
  truncateSync(path, 1024 ** 3 + 1);
  await read();
  expect([told, letGo()]).toEqual([[], [path]]);
});

it('follows only so many, and lets go of the one that was not spoken of for longest', () => {
  const all = Array.from({ length: 201 }, (_, number) => join(folder, `${number}.jsonl`));
  for (const one of all.slice(0, 200)) transcripts.follow(one, ANY);
  transcripts.follow(join(folder, '0.jsonl'), ANY);
  expect(letGo()).toEqual([]);
  transcripts.follow(join(folder, '200.jsonl'), ANY);
  expect(letGo()).toEqual([join(folder, '1.jsonl')]);
});

it('reads many in turn', async () => {
  const all = Array.from({ length: 5 }, (_, number) => join(folder, `${number}.jsonl`));
  for (const one of all) {
    writeFileSync(one, TEXT);
    transcripts.follow(one, ANY);
  }
  await vi.waitFor(() => expect(clock.pending()).toBe(5), PATIENCE);
  clock.advance(300);
  await vi.waitFor(() => expect(told).toEqual(all.map(() => ALL)), PATIENCE);
});

it('counts what the agent did that was started then, not one before it', async () => {
  const began = Date.parse('2026-11-22T16:22:27.000Z');
  transcripts = create(async (pid) => (pid === 7 ? began : null));
  writeFileSync(path, TEXT);
  await read(agent(7));
  expect(told).toEqual([{ edit: 1, write: 1, bash: 1, other: 5 }]);
});

it('lets go of one that nobody speaks of, and begins anew when somebody does', async () => {
  const asked: number[] = [];
  transcripts = create(async (pid) => {
    asked.push(pid);
    return null;
  });
  writeFileSync(path, aRead('x1'));
  await read(agent(7));
  clock.advance(600_001);
  await vi.waitFor(() => expect(letGo()).toEqual([path]), PATIENCE);
  await read(agent(8));
  expect(asked).toEqual([7, 8]);
  await vi.waitFor(() => expect(told).toEqual([{ read: 1 }, { read: 1 }]), PATIENCE);
});

it('lets go of one whose agent is gone, once more has been written', async () => {
  writeFileSync(path, aRead('x1'));
  await read();
  isAlive = false;
  await read();
  expect(letGo()).toEqual([]);
  appendFileSync(path, aRead('x2'));
  await read();
  expect([letGo(), clock.pending()]).toEqual([[path], 0]);
});

it('stops at once', async () => {
  writeFileSync(path, TEXT);
  await read();
  transcripts.stop();
  expect(clock.pending()).toBe(0);
});
