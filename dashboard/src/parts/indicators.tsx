import type { Indicators as Counted } from '../../../machines/vocabulary.ts';
import { duration } from '../format.ts';

/** What it has done so far, as far as it was seen; what it has not done is left out. */
export const Indicators = ({ of }: { of: Counted }) => {
  const { contemplationTime } = of;
  return (
    <ul class="indicators" aria-label="What it has done">
      {NAMES.filter(({ field }) => of[field] > 0).map(({ field, name, sign }) => (
        <li key={field} title={name}>
          <span aria-hidden="true">{sign}</span> {of[field]}
          <span class="sr-only"> {name}</span>
        </li>
      ))}
      {contemplationTime > 0 && (
        <li title="time spent thinking">
          <span aria-hidden="true">✻</span> {duration(contemplationTime * 1_000)}
          <span class="sr-only"> of thinking</span>
        </li>
      )}
    </ul>
  );
};

const NAMES = [
  { field: 'filesRead', name: 'files read', sign: 'r' },
  { field: 'filesWritten', name: 'files written', sign: 'w' },
  { field: 'filesEdited', name: 'files edited', sign: 'e' },
  { field: 'bashCommands', name: 'commands run', sign: '$' },
  { field: 'errors', name: 'errors', sign: '!' },
] as const satisfies { field: keyof Counted; name: string; sign: string }[];
