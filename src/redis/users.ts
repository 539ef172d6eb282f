import { createHash } from 'node:crypto';
import type { Names } from './names.ts';

/** As whom the monitor speaks to a private Redis. */
export const OWN_USER = 'agent-monitor';

/**
 * The users of a private Redis, as the text of its ACL file: the monitor itself, which may do all, and
 * `default`, which whoever connects is. That one may read events, keep the books of consumer groups
 * and work off the job queue, without a password or with one. It needs what Redis 7.0 brought: keys
 * that may only be read, and rules for some keys beside the others.
 *
 * An ACL file has one user on a line. Passwords are digests, so that no character matters.
 */
export const usersOf = (options: {
  names: Names;
  /** The monitor's own. */
  secret: string;
  /** What is asked of everyone else; null for nothing. */
  password: string | null;
}): string => {
  const { names, secret, password } = options;
  const anyone = password === null ? 'nopass' : digest(password);
  const consumer = [...CONNECTING, ...LISTENING, ...READING, ...consumerKeys(names)];
  return [
    `user default on ${anyone} resetkeys -@all ${consumer.join(' ')}`,
    `user ${OWN_USER} on ${digest(secret)} ~* &* +@all`,
    '',
  ].join('\n');
};

const digest = (secret: string): string => `#${createHash('sha256').update(secret).digest('hex')}`;

/** All of `client` but what looks at, holds up or ends others' connections. */
const CONNECTING = '+@connection -@admin -@dangerous +info +time +@transaction'.split(' ');

/** All channels, since a pattern has to be allowed letter by letter. Nobody else publishes. */
const LISTENING = [
  ...['resetchannels', '&*', '+subscribe', '+unsubscribe', '+psubscribe', '+punsubscribe'],
  ...['+pubsub|channels', '+pubsub|numsub', '+pubsub|numpat'],
];

const READING = [
  ...['+exists', '+type', '+ttl', '+pttl', '+xlen', '+xrange', '+xrevrange', '+xread', '+xpending'],
  ...['+xinfo|stream', '+xinfo|groups', '+xinfo|consumers'],
];

/** What a group has read. None of these adds, changes or removes an entry. */
const TAKING = '+xreadgroup +xack +xclaim +xautoclaim';

/**
 * What workers of BullMQ (6.7) do, most of it in scripts: these may do no more than who runs them.
 * Only commands that name their keys: `function|load`, say, also counts as a write.
 */
const WORKING = [
  ...['+eval', '+evalsha', '+@string', '+@hash', '+@list', '+@set', '+@sortedset', '+@stream'],
  ...['-@dangerous', '+exists', '+type', '+ttl', '+pttl', '+del', '+unlink', '+rename', '+persist'],
  ...['+expire', '+pexpire', '+expireat', '+pexpireat'],
].join(' ');

/** Each in brackets is a rule of its own: these commands, on these keys. */
const consumerKeys = ({ stream, queue, queuePrefix }: Names): string[] => [
  ...[`%R~${stream}`, `%R~${stream}:*`],
  `(-@all +xgroup ${TAKING} ~${stream})`,
  // Those set aside. `xgroup` would create a key that is not there, the lease's among them.
  `(-@all ${TAKING} ~${stream}:*-*)`,
  `(-@all ${WORKING} ~${queuePrefix}:${queue}:*)`,
];
