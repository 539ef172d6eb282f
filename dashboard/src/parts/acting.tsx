import { type Signal, useSignal } from '@preact/signals';
import { Problem } from '../monitor/api.ts';

/** Something that was asked of the monitor by a button, and what it said. */
export type Acting =
  | { at: 'rest' }
  | { at: 'asking' }
  | { at: 'done'; told: string }
  | { at: 'refused'; problem: string };

export const useActing = (): Signal<Acting> => useSignal<Acting>({ at: 'rest' });

/** Does it unless it is being done; `act` answers what is to be told, which may be nothing. */
export const attempt = async (
  acting: Signal<Acting>,
  act: () => Promise<string>,
): Promise<void> => {
  if (acting.peek().at === 'asking') return;
  acting.value = { at: 'asking' };
  try {
    acting.value = { at: 'done', told: await act() };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    acting.value = { at: 'refused', problem: error.message };
  }
};

export const ActingResult = ({ of }: { of: Acting }) => (
  <>
    <span class="told" role="status">
      {of.at === 'done' && of.told}
    </span>
    {of.at === 'refused' && (
      <span class="problem" role="alert">
        {of.problem}
      </span>
    )}
  </>
);
