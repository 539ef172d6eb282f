import type { InteractionHistory } from '../../actors/ports.ts';
import { type Notes, UNKNOWN } from './notes.ts';
import { SCOPES, type Scope } from './token.ts';
import type { Tokens } from './tokens.ts';

/**
 * Writes down which token counts whenever that is another one than before: also where it was replaced
 * while nobody listened. A token has a short name there, from which nobody comes to the token.
 */
export const noteTokens = (options: {
  tokens: Pick<Tokens, 'sign' | 'onRotated'>;
  interactions: Pick<InteractionHistory, 'recent'>;
  notes: Notes;
}): void => {
  const { tokens, interactions, notes } = options;
  const past = interactions
    .recent(null, LOOKED_THROUGH)
    .filter(({ action }) => action === ACTION)
    .map(({ detail }) => detail);
  const noted = new Map(
    SCOPES.map((scope) => [scope, past.find((detail) => detail.startsWith(`${scope} `))]),
  );

  const note = (scope: Scope): void => {
    const name = tokens.sign(scope, 'the name of this token')?.toString('hex').slice(0, 8);
    const detail = name === undefined ? `${scope} closed` : `${scope} ${name}`;
    if (detail === noted.get(scope)) return;
    noted.set(scope, detail);
    // Only a file of this user is taken for a token; who took it away cannot be told.
    notes.did(name === undefined ? UNKNOWN : `uid:${process.geteuid?.()}`, ACTION, detail);
  };
  tokens.onRotated(note);
  for (const scope of SCOPES) note(scope);
};

const ACTION = 'token';
const LOOKED_THROUGH = 1000;
