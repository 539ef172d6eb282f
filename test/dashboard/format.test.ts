import { expect, it } from 'vitest';
import { count, duration, folderName, plain } from '../../dashboard/src/format.ts';

it.each([
  { ms: -5, text: '0 s' },
  { ms: 0, text: '0 s' },
  { ms: 59_999, text: '59 s' },
  { ms: 60_000, text: '1 min' },
  { ms: 3_599_999, text: '59 min' },
  { ms: 3_600_000, text: '1 h 00' },
  { ms: 11_220_000, text: '3 h 07' },
  { ms: 187_200_000, text: '2 d 4 h' },
])('$ms ms are $text', ({ ms, text }) => {
  expect(duration(ms)).toBe(text);
});

it('one thing is told as one', () => {
  expect([count(0, 'agent'), count(1, 'agent'), count(2, 'agent')]).toEqual([
    ...['0 agents', '1 agent', '2 agents'],
  ]);
  expect(count(2, 'entry', 'entries')).toBe('2 entries');
});

it.each([
  { path: '/home/user/project', name: 'project' },
  { path: '/home/user/project/', name: 'project' },
  { path: '/', name: '/' },
])('the folder $path is called $name', ({ path, name }) => {
  expect(folderName(path)).toBe(name);
});

it('what is not seen, and turns what is read about, is shown', () => {
  expect(plain('echo ok \u202e; rm -rf /\u200b')).toBe('echo ok ‹202E›; rm -rf /‹200B›');
  expect(plain('naïve 名前 שלום 👩‍👧 ok')).toBe('naïve 名前 שלום 👩‍👧 ok');
});
