/** Runs in the pool's threads. */

import { workerData } from 'piscina';
import type { JudgeRequest } from '../../actors/ports.ts';
import type { Verdict } from '../../machines/vocabulary.ts';
import { classify } from './classify.ts';
import { loadProfiles } from './custom-profiles.ts';

/** Compiled patterns cannot be handed to a thread: what was checked at the start is compiled here. */
const profiles = loadProfiles(workerData);

export const judge = (requests: readonly JudgeRequest[]): Verdict[] =>
  requests.map((request) => classify(request, profiles));
