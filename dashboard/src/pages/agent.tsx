import { useEffect, useRef } from 'preact/hooks';
import type { AgentDetail, Dialog } from '../../../machines/vocabulary.ts';
import { plain } from '../format.ts';
import { agents } from '../monitor/agents.ts';
import { agentPath, type Problem } from '../monitor/api.ts';
import type { Shown } from '../monitor/apply.ts';
import type { ToldCommand } from '../monitor/commands.ts';
import { hear } from '../monitor/feed.ts';
import { lookOf, waitsSince } from '../monitor/needs.ts';
import { AgentControls } from '../parts/agent-controls.tsx';
import { CommandBox } from '../parts/command-box.tsx';
import { CommandQueue } from '../parts/command-queue.tsx';
import { DialogBox } from '../parts/dialog-box.tsx';
import { Doings } from '../parts/doings.tsx';
import { Elapsed } from '../parts/elapsed.tsx';
import { InteractionLog } from '../parts/interaction-log.tsx';
import { LookBadge } from '../parts/look-badge.tsx';
import { MuteButton } from '../parts/mute-button.tsx';
import { Terminal } from '../parts/terminal.tsx';
import { Timeline } from '../parts/timeline.tsx';
import { useFollowed } from '../parts/use-followed.ts';
import { Why } from '../parts/why.tsx';
import { hrefOf } from '../routes.ts';

/** One agent: what it shows, what it wants, what can be done to it, and why it is said to be as it is. */
export const AgentPage = ({ session }: { session: string }) => {
  useEffect(() => followName(session), [session]);
  const { value: detail, problem } = useFollowed<AgentDetail>({
    path: agentPath(session),
    concerns: (event) => event.session === session,
  }).shown.value;
  const known = agents.value?.get(session) ?? detail;
  if (!known) return <Unknown session={session} problem={problem} />;
  // Where the monitor no longer lists it, what it told last stands there, as that.
  const isGone = known.connection === 'gone' || problem?.code === 'session_not_found';
  const agent: Shown = isGone ? { ...known, connection: 'gone', attention: 'none' } : known;
  // A snapshot that comes after the detail does not say which dialog is open: the box stays.
  const dialog = known.dialog ?? (detail?.attention === agent.attention ? detail.dialog : null);
  return (
    <article class="agent-page" data-look={lookOf(agent)}>
      <Head agent={agent} isGone={isGone} />
      {isGone && <Gone session={session} />}
      {problem && !isGone && <p class="problem">Not as new as it could be: {problem.message}</p>}
      {dialog && !isGone && <Asks session={session} dialog={dialog} />}
      <div class="columns">
        <div>
          <Terminal session={session} />
          <Typing session={session} isGone={isGone} />
        </div>
        <aside aria-label="About it">
          <Doings agent={agent} detail={detail} />
          <Why agent={agent} detail={detail} />
        </aside>
      </div>
      <Timeline session={session} state={agent.state} />
      <InteractionLog session={session} />
    </article>
  );
};

/** Its question. Whoever works by keys, and is nowhere else on the page, goes on from there. */
const Asks = ({ session, dialog }: { session: string; dialog: Dialog }) => {
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    // After the box of an answered question has given the focus away.
    const leading = setTimeout(() => {
      if (isNowhere(document.activeElement)) section.current?.focus({ preventScroll: true });
    });
    return () => clearTimeout(leading);
  }, [dialog.id, dialog.since]);
  return (
    <section class="asks" ref={section} tabIndex={-1} aria-label="What it asks">
      <DialogBox session={session} dialog={dialog} />
    </section>
  );
};

const isNowhere = (focused: Element | null): boolean =>
  focused === document.body || focused?.id === 'main';

/** A session that was renamed is the same agent at another address. */
const followName = (session: string): (() => void) =>
  hear((message) => {
    if (message.type !== 'event' || message.event !== 'session_renamed') return;
    if (message.previousSession !== session) return;
    location.replace(hrefOf({ page: 'agent', session: message.session }));
  });

const Head = ({ agent, isGone }: { agent: Shown; isGone: boolean }) => (
  <header class="head">
    <h1>{plain(agent.session)}</h1>
    <p class="state" role="status">
      <LookBadge look={lookOf(agent)} />{' '}
      <span aria-live="off">
        <Elapsed since={waitsSince(agent)} />
      </span>
    </p>
    <MuteButton session={agent.session} />
    <AgentControls session={agent.session} isGone={isGone} />
  </header>
);

/** What is to be typed: written here, and waiting. */
const Typing = ({ session, isGone }: { session: string; isGone: boolean }) => {
  const following = useFollowed<{ commands: ToldCommand[] }>({
    path: `${agentPath(session)}/commands`,
    concerns: (event) => event.session === session && event.event.startsWith('command_'),
  });
  const { value, problem } = following.shown.value;
  return (
    <div class="typing">
      <CommandBox session={session} commands={value?.commands ?? []} isGone={isGone} />
      {problem && !isGone && <p class="problem">{problem.message}</p>}
      <CommandQueue commands={value?.commands ?? null} refresh={following.refresh} />
    </div>
  );
};

const Gone = ({ session }: { session: string }) => (
  <p class="gone-note" role="status">
    <b>{plain(session)} is gone:</b> its tmux session has ended, or the agent has left it. What
    stands here is as it was last.{' '}
    <a href={hrefOf({ page: 'events', session })}>What happened to it</a>
  </p>
);

const Unknown = ({ session, problem }: { session: string; problem: Problem | null }) => {
  if (!problem) return <p class="empty">Asking for {plain(session)} …</p>;
  return (
    <section class="empty">
      <h1>
        {problem.code === 'session_not_found' ? `No agent “${plain(session)}”` : plain(session)}
      </h1>
      <p>
        {problem.code === 'session_not_found'
          ? 'No watched session has this name. It may have ended, or be called otherwise by now.'
          : problem.message}
      </p>
      <p>
        <a href={hrefOf({ page: 'overview' })}>All agents</a>{' '}
        <a href={hrefOf({ page: 'events', session })}>Its events</a>
      </p>
    </section>
  );
};
