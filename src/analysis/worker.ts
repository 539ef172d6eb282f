/** Runs in the pool's threads. */

import type { JudgeRequest } from '../../actors/ports.ts';
import type { Verdict } from '../../machines/vocabulary.ts';
import { classify } from './classify.ts';

export const judge = (requests: readonly JudgeRequest[]): Verdict[] => requests.map(classify);
