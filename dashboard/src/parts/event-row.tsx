import { memo } from 'preact/compat';
import type { MonitorEvent } from '../../../machines/vocabulary.ts';
import { plain } from '../format.ts';
import { eventName, lookOfEvent, tellEvent } from '../monitor/event-words.ts';
import { hrefOf } from '../routes.ts';
import { Moment } from './moment.tsx';

/** One event in a line; all that it tells, as JSON, where that is asked for. */
export const EventRow = memo(
  ({
    event,
    isOpen,
    toggle,
  }: {
    event: MonitorEvent;
    isOpen: boolean;
    toggle(seq: number): void;
  }) => {
    const { session, timestamp, seq } = event;
    const told = tellEvent(event);
    return (
      <li class="event" data-look={lookOfEvent(event) ?? undefined} data-seq={seq}>
        <Moment at={timestamp} />
        {session === '' ? (
          <span class="who muted">monitor</span>
        ) : (
          <a class="who" href={hrefOf({ page: 'agent', session })}>
            {plain(session)}
          </a>
        )}
        <button
          type="button"
          class="quiet kind"
          aria-expanded={isOpen}
          title="All that it tells"
          onClick={() => toggle(seq)}
        >
          <span aria-hidden="true">{isOpen ? '▾' : '▸'}</span> {eventName(event.event)}
        </button>
        <span class="told" title={plain(told)}>
          {plain(told)}
        </span>
        {isOpen && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keys
          <section tabIndex={0} aria-label={`Event ${seq}`}>
            <pre>{plain(JSON.stringify(event, null, 2))}</pre>
          </section>
        )}
      </li>
    );
  },
);
