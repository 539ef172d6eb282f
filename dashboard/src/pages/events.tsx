import { computed, useSignal } from '@preact/signals';
import { useCallback, useLayoutEffect, useMemo } from 'preact/hooks';
import { EVENT_NAMES } from '../../../machines/vocabulary.ts';
import { count, plain } from '../format.ts';
import { agents } from '../monitor/agents.ts';
import { now } from '../monitor/clock.ts';
import {
  type EventFilter,
  eventQuery,
  kindsOf,
  parseEventFilter,
} from '../monitor/event-filter.ts';
import { EVENT_GROUPS, eventName } from '../monitor/event-words.ts';
import { MOST_EVER } from '../monitor/journal.ts';
import { followJournal, type LiveJournal } from '../monitor/live-journal.ts';
import { EventRow } from '../parts/event-row.tsx';
import { SearchField } from '../parts/search-field.tsx';
import { useDrawn } from '../parts/use-drawn.ts';
import { changeQuery, goTo, query } from '../router.ts';

const filter = computed(() => parseEventFilter(query.value));

const wanted = (session: string | null) => {
  const { kind, text } = filter.peek();
  return { session, kinds: kindsOf(kind), text };
};

/** What happened, and what happens. */
export const EventsPage = ({ session }: { session: string | null }) => {
  const live = useMemo(() => followJournal(wanted(session)), [session]);
  useLayoutEffect(() => live.end, [live]);
  return (
    <>
      <header class="page-head">
        <h1>Events</h1>
        <Rate live={live} />
        <PauseButton live={live} />
      </header>
      <EventFilters session={session} live={live} />
      <Rows live={live} />
    </>
  );
};

const Rate = ({ live }: { live: LiveJournal }) => {
  const last = useMemo(() => ({ at: now.peek(), heard: live.heard(), text: '' }), [live]);
  if (now.value > last.at) {
    const perSecond = ((live.heard() - last.heard) * 1_000) / (now.value - last.at);
    last.text = perSecond < 1 ? '' : `${Math.round(perSecond)} a second`;
    last.at = now.value;
    last.heard = live.heard();
  }
  return <span class="muted number">{last.text}</span>;
};

const PauseButton = ({ live }: { live: LiveJournal }) => {
  const { held, heldCount } = live.journal.value;
  return (
    <button
      type="button"
      class={held ? 'pause main' : 'pause'}
      data-shortcut="p"
      onClick={held ? live.resume : live.pause}
    >
      {held ? (
        <>
          <span aria-hidden="true">▸</span> Go on{' '}
          <span class="number">({heldCount.toLocaleString()} waiting)</span>
        </>
      ) : (
        <>
          <span aria-hidden="true">‖</span> Pause
        </>
      )}
    </button>
  );
};

const EventFilters = ({ session, live }: { session: string | null; live: LiveJournal }) => {
  const want = (part: Partial<EventFilter>): void => {
    changeQuery(eventQuery({ ...filter.peek(), ...part }));
    live.want(wanted(session));
  };
  return (
    <search class="filters">
      <SearchField
        name="Search events"
        through="what happened, to whom, on which screen"
        value={filter.value.text}
        onSearch={(text) => want({ text })}
      />
      <SessionChoice session={session} />
      <select
        aria-label="Kind of event"
        value={filter.value.kind}
        onChange={({ currentTarget }) => want({ kind: currentTarget.value })}
      >
        <option value="">every kind</option>
        <optgroup label="Several">
          {Object.keys(EVENT_GROUPS).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </optgroup>
        <optgroup label="One">
          {EVENT_NAMES.map((name) => (
            <option key={name} value={name}>
              {eventName(name)}
            </option>
          ))}
        </optgroup>
      </select>
    </search>
  );
};

const SessionChoice = ({ session }: { session: string | null }) => {
  const known = new Set(agents.value?.keys());
  // One that is gone still has events.
  if (session !== null) known.add(session);
  return (
    <select
      aria-label="Session"
      value={session ?? ''}
      onChange={({ currentTarget }) =>
        goTo({ page: 'events', session: currentTarget.value || null }, query.peek())
      }
    >
      <option value="">all sessions</option>
      {[...known].sort().map((name) => (
        <option key={name} value={name}>
          {plain(name)}
        </option>
      ))}
    </select>
  );
};

const Rows = ({ live }: { live: LiveJournal }) => {
  const { shown } = live.journal.value;
  const open = useSignal<ReadonlySet<number>>(new Set());
  const { drawn, top, bottom } = useDrawn(shown.length);
  const toggle = useCallback(
    (seq: number) => {
      // Whoever reads holds the page still.
      if (!open.peek().has(seq)) live.pause();
      open.value = open.peek().symmetricDifference(new Set([seq]));
    },
    [live, open],
  );
  return (
    <>
      <div ref={top} />
      {shown.length > 0 && (
        <ol class="journal" aria-label="Events, the newest first">
          {shown.slice(0, drawn).map((event) => (
            <EventRow
              key={event.seq}
              event={event}
              isOpen={open.value.has(event.seq)}
              toggle={toggle}
            />
          ))}
        </ol>
      )}
      <div ref={bottom} />
      {shown.length <= drawn && <Past live={live} />}
    </>
  );
};

/** How far back the list goes, and on. */
const Past = ({ live }: { live: LiveJournal }) => {
  const { shown, from } = live.journal.value;
  const reading = live.reading.value;
  if (reading.at === 'reading') return <p class="past muted">Looking back …</p>;
  const isAll = from !== null && from <= (live.oldest.value ?? 0);
  const isFull = shown.length >= MOST_EVER;
  return (
    <div class="past">
      {reading.at === 'failed' && (
        <p class="problem" role="alert">
          {reading.problem}
        </p>
      )}
      {isAll || isFull ? (
        <p class="muted">{describeEnd(shown.length, isAll)}</p>
      ) : (
        <button type="button" onClick={live.readOlder}>
          Look further back
        </button>
      )}
    </div>
  );
};

const describeEnd = (number: number, isAll: boolean): string => {
  if (!isAll) return `These are ${number.toLocaleString()}: to go further back, look for less.`;
  return number === 0
    ? 'Nothing like that has happened, as far back as the monitor remembers (a week).'
    : `${count(number, 'event')}: this is all that the monitor remembers (a week).`;
};
