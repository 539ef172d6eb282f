import { useSignal } from '@preact/signals';
import { count, duration, plain } from '../format.ts';
import { now } from '../monitor/clock.ts';
import type { Spell } from '../monitor/spells.ts';
import { ColumnHeads } from './column-heads.tsx';
import { LookBadge } from './look-badge.tsx';
import { Moment } from './moment.tsx';

const MOST = 100;

/** The same as the strip in words: each change of state within, the newest first. */
export const SpellTable = (props: {
  spells: readonly Spell[];
  span: { from: number; to: number };
}) => {
  const { spells, span } = props;
  const isOpen = useSignal(false);
  const within = spells.filter(({ from, seq }) => seq > 0 && from >= span.from && from <= span.to);
  return (
    <details
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open;
      }}
    >
      <summary>{count(within.length, 'change')} in words</summary>
      {isOpen.value && within.length > 0 && <Rows spells={within.slice(-MOST).toReversed()} />}
      {within.length > MOST && <p class="hint">These are the newest {MOST}.</p>}
    </details>
  );
};

const Rows = ({ spells }: { spells: readonly Spell[] }) => (
  <table>
    <ColumnHeads names={['At', 'State', 'For', 'Reason', 'Seen']} />
    <tbody>
      {spells.map(({ seq, from, to, state, reason, evidence }) => (
        <tr key={`${seq} ${from}`}>
          <td>
            <Moment at={from} />
          </td>
          <td>
            <LookBadge look={state ?? 'gone'} />
          </td>
          <td>{duration(Math.min(to, now.value) - from)}</td>
          <td>{plain(reason)}</td>
          <td class="data">{plain(evidence)}</td>
        </tr>
      ))}
    </tbody>
  </table>
);
