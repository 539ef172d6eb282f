import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EVENT_NAMES } from '../../machines/vocabulary.ts';
import { EVENT_SCHEMAS, eventBody } from '../../src/http/event-schemas.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/events.md'), 'utf8');
const [common = '', ...sections] = page.split(/^## /m);
const sectionOf = (name: string): string =>
  sections.find((section) => section.startsWith(`${name}\n`)) ?? '';

/** The fields that stand in the first column of a table. */
const fieldsIn = (text: string): string[] =>
  [...text.matchAll(/^\| (`\w+`(?:, `\w+`)*) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/\w+/g)].map(([field]) => field),
  );

const ENVELOPE = fieldsIn(common);
const OF_COMMANDS = fieldsIn(sectionOf('command_queued'));
const WRITTEN_LATER = { timestamp: 1, seq: 1, epoch: 'e', host: 'h' };

describe('docs/events.md', () => {
  it('tells of every event, and of no other', () => {
    expect(sections.map((section) => section.split('\n', 1)[0])).toEqual([...EVENT_NAMES]);
  });

  it.each(EVENT_NAMES)('names the fields of %s, and shows one', (name) => {
    const section = sectionOf(name);
    const own = fieldsIn(section);
    const shared = name.startsWith('command_') && name !== 'command_queued' ? OF_COMMANDS : [];
    const fields = Object.keys(EVENT_SCHEMAS[name].shape);
    expect([...ENVELOPE, ...shared, ...own].toSorted()).toEqual(fields.toSorted());

    const [, example = ''] = /^```json\n(.*?)^```/ms.exec(section) ?? [];
    const shown = { ...WRITTEN_LATER, ...(JSON.parse(example) as object) };
    expect(EVENT_SCHEMAS[name].safeParse(shown).error).toBeUndefined();
  });
});

describe('the schema of events', () => {
  const stopped = { event: 'monitor_stopped', session: '', ...WRITTEN_LATER };

  it('takes one that the disk has garbled', () => {
    const garbled = { ...stopped, event: 'state_change', damaged: true };
    expect(eventBody.safeParse(garbled).error).toBeUndefined();
  });

  it.each([
    { what: 'a field of another event', event: { ...stopped, state: 'working' } },
    { what: 'no fields of its own', event: { ...stopped, event: 'state_change' } },
    { what: 'an unknown name', event: { ...stopped, event: 'coffee_ready' } },
  ])('takes none with $what', ({ event }) => {
    expect(eventBody.safeParse(event).success).toBe(false);
  });
});
