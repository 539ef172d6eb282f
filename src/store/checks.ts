import type { Check } from '../../actors/ports.ts';

const BY_GRAVITY = ['down', 'degraded', 'ok'] as const;

/** All checks as one: as bad as the worst, and with all that is wrong. */
export const together = (checks: readonly Check[]): Check => {
  const status = BY_GRAVITY.find((grave) => checks.some((check) => check.status === grave)) ?? 'ok';
  const told = checks.filter((check) => status === 'ok' || check.status !== 'ok');
  const details = told.map(({ detail }) => detail).filter((detail) => detail !== '');
  return { status, detail: details.join('; ') };
};

/** Told from a start until the next. */
export const checkLoss = (loss: string | null): Check =>
  loss === null ? { status: 'ok', detail: '' } : { status: 'degraded', detail: loss };
