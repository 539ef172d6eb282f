import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { rotateToken } from '../../../src/http/token.ts';
import { openTokens } from '../../../src/http/tokens.ts';
import { createRecordedLog, type RecordedLog } from '../../support/recorded-log.ts';

let dir: string;
let log: RecordedLog;
let tokens: ReturnType<typeof openTokens>;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'am-tokens-'));
  log = createRecordedLog();
  tokens = openTokens({ dataDir: dir, log });
});
afterEach(() => {
  tokens.stop();
  rmSync(dir, { recursive: true, force: true });
});

const textOf = (file: string): string => readFileSync(join(dir, file), 'utf8').trim();

describe('the tokens', () => {
  it('are two, each with its scope', () => {
    expect(tokens.scopeOf(textOf('token'))).toBe('full');
    expect(tokens.scopeOf(textOf('token-read'))).toBe('read');
  });

  it.each(['', 'wrong', 'A'.repeat(43), 'A'.repeat(100_000), '\0'])('are not %j', (secret) => {
    expect(tokens.scopeOf(secret)).toBeNull();
  });

  it('are not part of one, nor more', () => {
    const token = textOf('token');
    for (const near of [token.slice(1), token.slice(0, -1), `${token}A`, token.toLowerCase()])
      expect(tokens.scopeOf(near)).toBeNull();
  });

  it.each(['full', 'read'] as const)('are others at once when %s is rotated', (scope) => {
    const rotated: string[] = [];
    tokens.onRotated((which) => rotated.push(which));
    const file = scope === 'full' ? 'token' : 'token-read';
    const before = textOf(file);
    const signed = tokens.sign(scope, 'a text');
    rotateToken(dir, scope);
    expect(tokens.scopeOf(before)).toBeNull();
    expect(tokens.scopeOf(textOf(file))).toBe(scope);
    expect(tokens.sign(scope, 'a text')).not.toEqual(signed);
    expect(rotated).toEqual([scope]);
  });

  it('are seen to be others also when nobody calls', async () => {
    const rotated = vi.fn();
    tokens.onRotated(rotated);
    rotateToken(dir, 'full');
    await vi.waitFor(() => expect(rotated.mock.calls).toEqual([['full']]), 10_000);
  });

  it.each([
    ['taken away', () => rmSync(join(dir, 'token'))],
    ['open to others', () => chmodSync(join(dir, 'token'), 0o644)],
    ['no token', () => writeFileSync(join(dir, 'token'), '')],
  ])('let nobody in while the file is %s, and say so once', (_what, spoil) => {
    const before = textOf('token');
    const read = textOf('token-read');
    spoil();
    expect(tokens.scopeOf(before)).toBeNull();
    expect(tokens.scopeOf('')).toBeNull();
    expect(tokens.sign('full', 'a text')).toBeNull();
    expect(tokens.scopeOf(read)).toBe('read');
    expect(log.messages('warn')).toHaveLength(1);
    rotateToken(dir, 'full');
    expect(tokens.scopeOf(textOf('token'))).toBe('full');
  });

  it('let nobody in while their file cannot be looked at, and say so once', () => {
    const before = textOf('token');
    const kept = join(dir, 'kept');
    renameSync(join(dir, 'token'), kept);
    // As a sick disk, or a folder that may not be searched, it fails otherwise than by not being there.
    symlinkSync('token', join(dir, 'token'));
    for (let looks = 0; looks < 3; looks += 1) expect(tokens.scopeOf(before)).toBeNull();
    expect(tokens.scopeOf(textOf('token-read'))).toBe('read');
    expect(log.messages('warn')).toHaveLength(1);
    renameSync(kept, join(dir, 'token'));
    expect(tokens.scopeOf(before)).toBe('full');
  });

  it('stand in no line of the log', () => {
    rotateToken(dir, 'full');
    tokens.scopeOf(textOf('token'));
    expect(JSON.stringify(log.lines)).not.toContain(textOf('token'));
    expect(log.messages('info')).toHaveLength(1);
  });
});
