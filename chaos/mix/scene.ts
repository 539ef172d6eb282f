/** Everything that a fault may happen to. */

import type { EventReader } from '../../test/support/event-reader.ts';
import type { TestRedis } from '../../test/support/redis.ts';
import type { SmallDisk } from '../../test/support/small-disk.ts';
import type { TestTmux } from '../../test/support/tmux.ts';
import type { ClockSlots } from './clock-slots.ts';
import type { FAULTS, Fault, FaultName, Hand } from './plan.ts';
import type { TmuxProgram } from './tmux-program.ts';
import type { Troupe } from './troupe.ts';
import type { WatchedDaemon } from './watched-daemon.ts';

export interface Scene {
  tmux: TestTmux;
  /** As the daemon has it. */
  program: TmuxProgram;
  redis: TestRedis;
  watched: WatchedDaemon;
  troupe: Troupe;
  reader: EventReader;
  /** How far the daemon's clock may be off. */
  clock: ClockSlots;
  /** Null where none may be mounted. */
  disk: SmallDisk | null;
  /** The folder of this run, for files that tell whether something was carried out. */
  folder: string;
  /** The daemon's. */
  dataDir: string;
  /** The run is to end before its time. */
  signal: AbortSignal;
  /** What must not be. */
  violation(text: string): void;
}

/** What one hand does; false where it could not be done at that moment. */
export type Doings<H extends Hand> = Record<
  keyof (typeof FAULTS)[H],
  (fault: Fault) => Promise<boolean>
>;

export type AnyDoings = Partial<Record<FaultName, (fault: Fault) => Promise<boolean>>>;
