import { memo } from 'preact/compat';
import { useRef } from 'preact/hooks';
import { folderName, plain } from '../format.ts';
import type { Shown } from '../monitor/apply.ts';
import { now } from '../monitor/clock.ts';
import { lookOf, waitsSince } from '../monitor/needs.ts';
import { isScrolling } from '../monitor/scrolling.ts';
import { hrefOf } from '../routes.ts';
import { DialogBox } from './dialog-box.tsx';
import { Elapsed } from './elapsed.tsx';
import { Indicators } from './indicators.tsx';
import { LookBadge } from './look-badge.tsx';
import { Progress } from './progress.tsx';
import { Sparkline } from './sparkline.tsx';
import { useInSight } from './use-in-sight.ts';

/** One agent at a glance. What is out of sight is drawn once a second at most, and not while the page is scrolled. */
export const AgentCard = memo(({ agent }: { agent: Shown }) => {
  const { ref, isInSight } = useInSight<HTMLLIElement>();
  const second = now.value;
  const drawn = useRef({ agent, second });
  const isDue = drawn.current.second !== second && !isScrolling();
  if (isInSight.value || isDue) drawn.current = { agent, second };
  return (
    <li ref={ref} class="card" data-look={lookOf(agent)} data-session={agent.session}>
      <Content agent={drawn.current.agent} />
    </li>
  );
});

/** Drawn anew only when something about the agent has changed. */
const Content = memo(({ agent }: { agent: Shown }) => {
  const { session, kind, cwd, dialog, progress, progressSource, indicators, queued } = agent;
  const look = lookOf(agent);
  return (
    <>
      <header>
        <h3>
          <a href={hrefOf({ page: 'agent', session })}>{plain(session)}</a>
        </h3>
        <LookBadge look={look} /> <Elapsed since={waitsSince(agent)} />
      </header>
      <p class="where">
        {kind}{' '}
        <span class="folder" title={plain(cwd)}>
          {plain(folderName(cwd))}
        </span>
        {queued > 0 && <b class="queued">{queued} queued</b>}
      </p>
      {look === 'waiting' && dialog ? (
        <DialogBox session={session} dialog={dialog} />
      ) : (
        <p class="doing" title={plain(agent.reason)}>
          {plain(agent.evidence || agent.title || agent.reason)}
        </p>
      )}
      <footer>
        {progressSource !== 'none' && <Progress percent={progress} />}
        <Indicators of={indicators} />
        <Sparkline session={session} state={agent.state} since={agent.since} />
      </footer>
    </>
  );
});
