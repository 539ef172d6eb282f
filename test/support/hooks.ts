/** Hooks and transcripts that real agents wrote. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HookPayload } from '../../actors/ports.ts';

const FOLDER = join(import.meta.dirname, '../fixtures/hooks');

export const fixtureOf = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

/** The payloads of one run, in order. */
export const recordedHooks = (name: string): HookPayload[] =>
  fixtureOf(`${name}.jsonl`)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
