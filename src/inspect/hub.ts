import type { AnyActorRef, InspectionEvent } from 'xstate';
import type { Inspector, Log, Stop } from '../../actors/ports.ts';
import { type Clean, toPlain } from './plain.ts';

/** The receivers of `@statelyai/inspect` take only messages that name a version of theirs. */
const PROTOCOL_VERSION = '0.7.2';

export interface InspectHub extends Inspector {
  /** For `createActor(root, { inspect })`. Never throws: that would wedge the actor it looks at. */
  inspect(event: InspectionEvent): void;
}

interface Seen {
  ref: AnyActorRef;
  rootId: string;
  /** False until it was told of: in its constructor an actor has no snapshot yet. */
  isTold: boolean;
}

/**
 * Tells the living actors, their snapshots and the events between them to whoever looks, in the
 * messages of the Stately inspector (`@statelyai/inspect` 0.7). Whoever comes late is first told of
 * all that lives. While nobody looks it only keeps the list.
 *
 * XState 5.33 sends no snapshot for an actor that crashed: its error event to its parent is the only
 * trace, from which the snapshot is made here.
 */
export const createInspectHub = (options: {
  clean: Clean;
  now(): number;
  log: Log;
}): InspectHub => {
  const { log, now } = options;
  const actors = new Map<string, Seen>();
  const viewers = new Set<(message: string) => void>();
  const definitions = new WeakMap<object, string>();
  const plain = (value: unknown) => toPlain(value, options.clean);

  const message = (type: string, fields: object): string =>
    JSON.stringify({
      type,
      ...fields,
      createdAt: String(now()),
      id: null,
      _version: PROTOCOL_VERSION,
    });
  const tell = (text: string) => {
    for (const viewer of viewers) viewer(text);
  };

  const definitionOf = (ref: AnyActorRef): string => {
    const { config } = (ref as { logic?: { config?: unknown } }).logic ?? {};
    if (typeof config !== 'object' || config === null) return JSON.stringify({ id: ref.id });
    const known = definitions.get(config) ?? JSON.stringify(plain(config));
    definitions.set(config, known);
    return known;
  };

  const actorMessage = ({ ref, rootId }: Seen): string =>
    message('@xstate.actor', {
      name: ref.id,
      sessionId: ref.sessionId,
      rootId,
      parentId: (ref as { _parent?: AnyActorRef })._parent?.sessionId,
      definition: definitionOf(ref),
      snapshot: plain(shown(ref.getSnapshot())),
    });
  const snapshotMessage = ({ ref, rootId }: Seen, snapshot: unknown, event: unknown): string =>
    message('@xstate.snapshot', {
      snapshot: plain(shown(snapshot)),
      event: plain(event),
      sessionId: ref.sessionId,
      rootId,
    });

  /** Before anything else is told of an actor, it is itself. */
  const introduce = (sessionId: string) => {
    const seen = actors.get(sessionId);
    if (!seen || seen.isTold) return;
    seen.isTold = true;
    if (viewers.size > 0) tell(actorMessage(seen));
  };

  const changed = (
    ref: AnyActorRef,
    rootId: string,
    snapshot: { status: string },
    event: unknown,
  ) => {
    if (viewers.size > 0) tell(snapshotMessage({ ref, rootId, isTold: true }, snapshot, event));
    if (snapshot.status !== 'active') actors.delete(ref.sessionId);
  };

  const handle = (event: InspectionEvent) => {
    const { actorRef, rootId } = event;
    if (event.type === '@xstate.actor') {
      const ref = actorRef as AnyActorRef;
      actors.set(ref.sessionId, { ref, rootId, isTold: false });
      queueMicrotask(() => guarded(() => introduce(ref.sessionId)));
      return;
    }
    introduce((actorRef as AnyActorRef).sessionId);
    if (event.type === '@xstate.snapshot') {
      changed(actorRef as AnyActorRef, rootId, event.snapshot, event.event);
    } else if (event.type === '@xstate.event') {
      const source = event.sourceRef as AnyActorRef | undefined;
      if (viewers.size > 0) {
        const sessionId = (actorRef as AnyActorRef).sessionId;
        const said = { event: plain(event.event), sessionId, sourceId: source?.sessionId, rootId };
        tell(message('@xstate.event', said));
      }
      const isCrash = event.event.type.startsWith('xstate.error.actor.');
      if (source && isCrash) changed(source, rootId, source.getSnapshot(), event.event);
    }
  };

  const guarded = (call: () => void) => {
    try {
      call();
    } catch (error) {
      log.error({ err: error }, 'the inspector could not tell what happened');
    }
  };

  return {
    inspect: (event) => guarded(() => handle(event)),
    join: (viewer): Stop => {
      for (const seen of actors.values()) viewer(actorMessage(seen));
      for (const seen of actors.values())
        viewer(snapshotMessage(seen, seen.ref.getSnapshot(), { type: '@xstate.replay' }));
      viewers.add(viewer);
      return () => void viewers.delete(viewer);
    },
  };
};

/** The parts of a snapshot that say something: the machine and the live children say nothing. */
const shown = (snapshot: unknown): unknown => {
  if (typeof snapshot !== 'object' || snapshot === null) return snapshot;
  const { status, value, context, output, error, ...rest } = snapshot as Record<string, unknown>;
  if (!('machine' in rest)) return snapshot;
  return { status, value, context, output, error };
};
