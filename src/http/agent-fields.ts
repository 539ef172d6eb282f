/** What agents and events are both told with. */

import { z } from 'zod';
import { ATTENTIONS, type Dialog, type Indicators } from '../../machines/vocabulary.ts';
import { count, milliseconds } from './fields.ts';

export const percent = z.number().min(0).max(100);
export const progressSource = z.enum(['todos', 'spec', 'none']);
export const wantingAttention = z.enum(ATTENTIONS).exclude(['none']);

export const indicatorsBody = z.strictObject({
  filesRead: count,
  filesWritten: count,
  filesEdited: count,
  bashCommands: count,
  toolCalls: count,
  contemplationTime: z.number().nonnegative(),
  errors: count,
}) satisfies z.ZodType<Indicators>;

export const dialogBody = z.strictObject({
  id: z.string(),
  attention: wantingAttention,
  question: z.string(),
  options: z.array(
    z.strictObject({
      id: z.string(),
      label: z.string(),
      description: z.string().exactOptional(),
      key: z.string().nullable(),
      preselected: z.boolean(),
      ticked: z.boolean().exactOptional(),
      takesText: z.boolean().exactOptional(),
      inTerminal: z.boolean().exactOptional(),
    }),
  ),
  since: milliseconds,
  rule: z.string().exactOptional(),
  evidence: z.string().exactOptional(),
}) satisfies z.ZodType<Dialog>;
