import { describe, expect, it } from 'vitest';
import {
  createHostList,
  isLoopback,
  isSameOrigin,
  parseAuthority,
} from '../../../src/http/hosts.ts';

describe('parseAuthority', () => {
  it.each([
    ['localhost', { name: 'localhost', port: null }],
    ['LocalHost:3848', { name: 'localhost', port: 3848 }],
    ['127.0.0.1:80', { name: '127.0.0.1', port: 80 }],
    ['[::1]:3848', { name: '[::1]', port: 3848 }],
    ['[::1]', { name: '[::1]', port: null }],
    ['127.attacker.example', { name: '127.attacker.example', port: null }],
  ])('reads %s', (header, expected) => {
    expect(parseAuthority(header)).toEqual(expected);
  });

  it.each([
    '',
    ':3848',
    'localhost:',
    'localhost:99999',
    'localhost:80@evil.example',
    'evil@localhost',
    'user:pass@localhost',
    'localhost/evil',
    'localhost?x',
    'localhost#x',
    'localhost evil',
    'localhost,evil',
    'local\u0000host',
    'localhost\\evil',
    '[::1',
    '::1',
    '[]',
    '[1234]',
    '[::1]evil',
    'http://localhost',
    'bücher.example',
    `${'a'.repeat(254)}`,
  ])('refuses %j', (header) => {
    expect(parseAuthority(header)).toBeNull();
  });
});

describe('isLoopback', () => {
  it.each([
    ['localhost', true],
    ['127.0.0.1', true],
    ['127.255.0.9', true],
    ['::1', true],
    ['0.0.0.0', false],
    ['::', false],
    ['127.attacker.example', false],
    ['127.0.0.1.evil.com', false],
    ['128.0.0.1', false],
  ])('%s: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});

describe('createHostList', () => {
  it('has the names of loopback, the own loopback address, and what was allowed', () => {
    expect([...createHostList('127.0.0.2', ['Monitor.example', 'fd00::1'])]).toEqual([
      'localhost',
      '127.0.0.1',
      '[::1]',
      '127.0.0.2',
      'monitor.example',
      '[fd00::1]',
    ]);
  });

  it('has no address only because it is listened on', () => {
    expect(createHostList('0.0.0.0', ['a.example']).has('0.0.0.0')).toBe(false);
  });
});

describe('isSameOrigin', () => {
  const host = { name: 'localhost', port: 3848 };
  it.each([
    ['http://localhost:3848', host, true],
    ['https://monitor.example', { name: 'monitor.example', port: null }, true],
    ['http://monitor.example:80', { name: 'monitor.example', port: null }, true],
    ['http://[::1]:3848', { name: '[::1]', port: 3848 }, true],
    ['http://localhost:3000', host, false],
    ['http://127.0.0.1:3848', host, false],
    ['http://localhost', host, false],
    ['http://localhost:3848.evil.example', host, false],
    ['http://evil@localhost:3848', host, false],
    ['http://localhost:3848/', host, false],
    ['ws://localhost:3848', host, false],
    ['file://', host, false],
    ['null', host, false],
    ['', host, false],
  ])('%s for %j: %s', (origin, authority, expected) => {
    expect(isSameOrigin(origin, authority)).toBe(expected);
  });
});
