import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BadSettings } from '../../../actors/errors.ts';
import { loadToken, rotateToken } from '../../../src/http/token.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'am-token-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('loadToken', () => {
  it('makes the folder and the file for this user alone, whatever the umask', () => {
    const before = process.umask(0);
    const token = loadToken(join(dir, 'deep/data'));
    process.umask(before);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(readFileSync(join(dir, 'deep/data/token'), 'utf8')).toBe(`${token}\n`);
    expect(modeOf(join(dir, 'deep/data'))).toBe(0o700);
    expect(modeOf(join(dir, 'deep/data/token'))).toBe(0o600);
  });

  it('keeps the token it has made, and makes another elsewhere', () => {
    const token = loadToken(dir);
    expect(loadToken(dir)).toBe(token);
    expect(loadToken(join(dir, 'other'))).not.toBe(token);
  });

  it.each([0o640, 0o604, 0o620, 0o601])('refuses a file with mode %o', (mode) => {
    loadToken(dir);
    chmodSync(join(dir, 'token'), mode);
    expect(() => loadToken(dir)).toThrow(BadSettings);
    expect(() => loadToken(dir)).toThrow(`chmod 600 ${join(dir, 'token')}`);
  });

  it.each([0o770, 0o722, 0o1777])('refuses a folder with mode %o', (mode) => {
    chmodSync(dir, mode);
    expect(() => loadToken(dir)).toThrow(`chmod go-w ${dir}`);
  });

  it('says which folder cannot be used, and why', () => {
    writeFileSync(join(dir, 'file'), '');
    const inside = join(dir, 'file/data');
    expect(() => loadToken(inside)).toThrow(BadSettings);
    expect(() => loadToken(inside)).toThrow(`AGENT_MONITOR_DATA_DIR=${inside} cannot be used`);
  });

  it.runIf(process.platform === 'linux')('gives up where no folder can be made', () => {
    expect(() => loadToken('/proc/nowhere/data')).toThrow('AGENT_MONITOR_DATA_DIR=/proc/nowhere');
  });

  it('refuses a link, though it leads to a good file', () => {
    writeFileSync(join(dir, 'real'), `${'a'.repeat(43)}\n`, { mode: 0o600 });
    mkdirSync(join(dir, 'data'), { mode: 0o700 });
    symlinkSync(join(dir, 'real'), join(dir, 'data/token'));
    expect(() => loadToken(join(dir, 'data'))).toThrow(BadSettings);
  });

  it.each(['', 'short\n', `${'a'.repeat(43)} x\n`])('refuses a file that holds %j', (text) => {
    writeFileSync(join(dir, 'token'), text, { mode: 0o600 });
    expect(() => loadToken(dir)).toThrow('holds no token');
  });

  it('refuses a folder or file of another user', () => {
    if (process.getuid?.() === 0) {
      loadToken(dir);
      chownSync(join(dir, 'token'), 65_534, 65_534);
      expect(() => loadToken(dir)).toThrow('belongs to another user');
      chownSync(dir, 65_534, 65_534);
      expect(() => loadToken(dir)).toThrow(`${dir} belongs to another user`);
    } else {
      expect(() => loadToken('/')).toThrow('/ belongs to another user');
    }
  });
});

describe('rotateToken', () => {
  it('puts another one in the place of the first, for this user alone', () => {
    const first = loadToken(dir, 'read');
    rotateToken(dir, 'read');
    const second = loadToken(dir, 'read');
    expect(second).toMatch(/^[\w-]{43}$/);
    expect(second).not.toBe(first);
    expect(modeOf(join(dir, 'token-read'))).toBe(0o600);
    expect(readdirSync(dir)).toEqual(['token-read']);
  });

  it('also mends what could not be trusted', () => {
    symlinkSync(join(dir, 'elsewhere'), join(dir, 'token'));
    rotateToken(dir, 'full');
    expect(loadToken(dir)).toMatch(/^[\w-]{43}$/);
  });

  it('leaves nothing behind where it cannot', () => {
    mkdirSync(join(dir, 'token'));
    expect(() => rotateToken(dir, 'full')).toThrow(`AGENT_MONITOR_DATA_DIR=${dir} cannot be used`);
    expect(readdirSync(dir)).toEqual(['token']);
  });

  it('refuses a folder that others can write to', () => {
    chmodSync(dir, 0o770);
    expect(() => rotateToken(dir, 'full')).toThrow(`chmod go-w ${dir}`);
  });
});
