import { useSignal } from '@preact/signals';
import { clockTime, count, dateTime, duration } from '../format.ts';
import { now } from '../monitor/clock.ts';
import type { Spell } from '../monitor/spells.ts';
import { LookBadge } from './look-badge.tsx';

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
    <thead>
      <tr>
        <th scope="col">At</th>
        <th scope="col">State</th>
        <th scope="col">For</th>
        <th scope="col">Reason</th>
        <th scope="col">Seen</th>
      </tr>
    </thead>
    <tbody>
      {spells.map(({ seq, from, to, state, reason, evidence }) => (
        <tr key={`${seq} ${from}`}>
          <td>
            <time dateTime={new Date(from).toISOString()} title={dateTime(from)}>
              {clockTime(from)}
            </time>
          </td>
          <td>
            <LookBadge look={state ?? 'gone'} />
          </td>
          <td>{duration(Math.min(to, now.value) - from)}</td>
          <td>{reason}</td>
          <td class="data">{evidence}</td>
        </tr>
      ))}
    </tbody>
  </table>
);
