import { memo } from 'preact/compat';
import { folderName } from '../format.ts';
import type { Shown } from '../monitor/apply.ts';
import { lookOf, waitsSince } from '../monitor/needs.ts';
import { hrefOf } from '../router.ts';
import { DialogBox } from './dialog-box.tsx';
import { Elapsed } from './elapsed.tsx';
import { Indicators } from './indicators.tsx';
import { LookBadge } from './look-badge.tsx';
import { Progress } from './progress.tsx';
import { Sparkline } from './sparkline.tsx';

/** One agent at a glance. Drawn anew only when something about it has changed. */
export const AgentCard = memo(({ agent }: { agent: Shown }) => {
  const { session, kind, cwd, dialog, progress, progressSource, indicators, queued } = agent;
  const look = lookOf(agent);
  return (
    <li class="card" data-look={look} data-session={session}>
      <header>
        <h3>
          <a href={hrefOf({ page: 'agent', session })}>{session}</a>
        </h3>
        <LookBadge look={look} /> <Elapsed since={waitsSince(agent)} />
      </header>
      <p class="where">
        {kind} <span title={cwd}>{folderName(cwd)}</span>
        {queued > 0 && <b class="queued">{queued} queued</b>}
      </p>
      {look === 'waiting' && dialog ? (
        <DialogBox session={session} dialog={dialog} />
      ) : (
        <p class="doing" title={agent.reason}>
          {agent.evidence || agent.title || agent.reason}
        </p>
      )}
      <footer>
        {progressSource !== 'none' && <Progress percent={progress} />}
        <Indicators of={indicators} />
        <Sparkline session={session} />
      </footer>
    </li>
  );
});
