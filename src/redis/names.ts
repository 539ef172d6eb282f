export interface Names {
  /** The pub/sub channel. */
  readonly channel: string;
  readonly stream: string;
  /** The lease on the stream: the epoch of the monitor that writes it. */
  readonly owner: string;
  /** The BullMQ queue and the prefix of its keys. */
  readonly queue: string;
  readonly queuePrefix: string;
}

/** What is called what in Redis. A prefix keeps several monitors apart in one Redis. */
export const namesFor = (prefix: string): Names => {
  const before = prefix === '' ? '' : `${prefix}:`;
  return {
    channel: `${before}agent-events`,
    stream: `${before}agent-events:stream`,
    owner: `${before}agent-events:stream:owner`,
    queue: 'agent-events',
    queuePrefix: `${before}bull`,
  };
};
