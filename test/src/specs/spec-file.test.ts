import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { progressOf, readSpecFile } from '../../../src/specs/spec-file.ts';

const createFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'am-spec-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

describe('progressOf', () => {
  it.each([
    ['', null],
    ['# Plan\n\n- no box\n[x] no item\n', null],
    ['- [x] one\n- [ ] two\n- [X] three\n', 66],
    ['1. [x] one\n  * [ ] below\n    + [x] further below\n2) [x] two', 75],
    ['- [x] one\r\n- [ ] two\r\n', 50],
    ['- [x] one\n- [ ]\n- [ ] \n+ [x] two\n', 100],
    ['- [x] one\n<!--\n- [ ] hidden\n-->\n<!-- - [ ] hidden -->\n- [x] two\n', 100],
    ['- [x] one <!-- said\n- [ ] `<!--` two\n<!-- never closed\n- [ ] hidden', 50],
    ['- [x](a-link.md)\n- [y] no\n-[x] no\n', null],
    ['- [x] one\n```md\n- [ ] an example\n```\n~~~\n- [ ] another\n```\n- [ ] still\n~~~\n', 100],
    ['- [ ] one\n', 0],
  ])('of %j is %s', (text, progress) => {
    expect(progressOf(text)).toBe(progress);
  });

  it('is found fast in a file made to be slow', () => {
    const text = `${' '.repeat(100_000)}- [x] one\n${'-'.repeat(100_000)}\n`.repeat(2);
    expect(progressOf(text)).toBeNull();
  });
});

describe('readSpecFile', () => {
  it('reads the boxes, and not again until the file changes', async () => {
    const folder = createFolder();
    writeFileSync(join(folder, 'TASKS.md'), '- [x] one\n- [ ] two\n');
    const first = await readSpecFile(folder, 'TASKS.md', null);
    expect(first?.progress).toBe(50);
    expect(await readSpecFile(folder, 'TASKS.md', first)).toBe(first);
    writeFileSync(join(folder, 'TASKS.md'), '- [x] one\n- [x] two\n');
    utimesSync(join(folder, 'TASKS.md'), 1, 1);
    expect((await readSpecFile(folder, 'TASKS.md', first))?.progress).toBe(100);
  });

  it('does not follow a link, wait for a pipe, or read a folder or a huge file', async () => {
    const folder = createFolder();
    const outside = join(createFolder(), 'secret.md');
    writeFileSync(outside, '- [x] one\n');
    symlinkSync(outside, join(folder, 'link.md'));
    execFileSync('mkfifo', [join(folder, 'pipe.md')]);
    mkdirSync(join(folder, 'folder.md'));
    writeFileSync(join(folder, 'huge.md'), `- [x] one\n${'x'.repeat(256 * 1024)}`);
    for (const name of ['link.md', 'pipe.md', 'folder.md', 'huge.md', 'missing.md', 'link.md/x']) {
      expect(await readSpecFile(folder, name, null), name).toBeNull();
    }
  });
});
