import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLeftovers, reapLeftovers } from '../../../src/tmux/leftovers.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';

let folder: string;
let file: string;
let children: ChildProcess[];
let log: ReturnType<typeof createRecordedLog>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'am-test-'));
  file = join(folder, 'clients');
  children = [];
  log = createRecordedLog();
});
afterEach(async () => {
  for (const child of children) {
    if (child.kill('SIGKILL')) await once(child, 'exit');
  }
  rmSync(folder, { recursive: true });
});

const spawnTracked = (): ChildProcess => {
  const child = spawn('sleep', ['60']);
  children.push(child);
  return child;
};

test('a client that outlived its monitor is killed by the next one', async () => {
  const child = spawnTracked();
  createLeftovers(file, createRecordedLog()).track(child);
  expect(reapLeftovers(file, log)).toEqual([child.pid]);
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
});

test('a client that has ended is not on record', async () => {
  const [one, other] = [spawnTracked(), spawnTracked()];
  const leftovers = createLeftovers(file, createRecordedLog());
  leftovers.track(one);
  leftovers.track(other);
  one.kill('SIGKILL');
  await once(one, 'exit');
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  expect(lines.map((line) => Number(line.split(' ')[1]))).toEqual([other.pid]);
});

test('a process that only has the same pid is left alone', () => {
  const child = spawnTracked();
  createLeftovers(file, createRecordedLog()).track(child);
  const [boot, pid, startTime] = readFileSync(file, 'utf8').trim().split(' ');
  writeFileSync(file, `${boot} ${pid} ${Number(startTime) - 1}\n`);
  appendFileSync(file, `00000000-0000-0000-0000-000000000000 ${pid} ${startTime}\n`);
  appendFileSync(file, `${boot} 1 0\nnonsense\n${boot} -1 0\n`);
  expect(reapLeftovers(file, log)).toEqual([]);
  expect(child.exitCode ?? child.signalCode).toBe(null);
});

test('no record, or an empty one, reaps nobody', () => {
  expect(reapLeftovers(file, log)).toEqual([]);
  writeFileSync(file, '');
  expect(reapLeftovers(file, log)).toEqual([]);
});

test('a record that was cut off or cannot be read stops nobody', () => {
  const child = spawnTracked();
  createLeftovers(file, log).track(child);
  const whole = readFileSync(file, 'utf8');
  const cut = whole.slice(0, whole.lastIndexOf(' ') + 2);
  writeFileSync(file, Buffer.concat([Buffer.from([0xff, 0x00, 0x0a]), Buffer.from(cut)]));
  expect(reapLeftovers(file, log)).toEqual([]);
  expect(child.exitCode ?? child.signalCode).toBe(null);
  expect(log.lines).toEqual([]);
  rmSync(file);
  mkdirSync(file);
  expect(reapLeftovers(file, log)).toEqual([]);
  expect(log.messages('warn')).toEqual(['the record of tmux clients cannot be read']);
});

test('a record that cannot be written is told, and leaves no draft', () => {
  mkdirSync(file);
  createLeftovers(file, log).track(spawnTracked());
  expect(existsSync(`${file}.new`)).toBe(false);
  expect(log.messages('warn')).toEqual(['cannot record the tmux clients']);
});
