import { isIPv4, isIPv6 } from 'node:net';

/** The parsed value of a Host header. IPv6 addresses keep their brackets; names are lower case. */
export interface Authority {
  name: string;
  /** Null where the header names none, so the scheme's own applies. */
  port: number | null;
}

/** True for addresses that only this machine can reach. Names other than `localhost` are not. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));

/** Parses a Host header as a whole, or null: user info, paths, spaces and a bare port are no host. */
export const parseAuthority = (header: string): Authority | null => {
  const match = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9_.-]{1,253})(?::([0-9]{1,5}))?$/i.exec(header);
  const name = match?.[1]?.toLowerCase();
  if (name === undefined || (name.startsWith('[') && !isIPv6(name.slice(1, -1)))) return null;
  const port = match?.[2] === undefined ? null : Number(match[2]);
  return port === null || port <= 65_535 ? { name, port } : null;
};

/** The host names by which this server may be called: loopback's own, and those that were allowed. */
export const createHostList = (apiHost: string, allowedHosts: readonly string[]): Set<string> => {
  const bound = isLoopback(apiHost) ? [apiHost] : [];
  const names = ['localhost', '127.0.0.1', '::1', ...bound, ...allowedHosts];
  return new Set(names.map((name) => (isIPv6(name) ? `[${name}]` : name).toLowerCase()));
};

/** True where an Origin header names exactly the server that the Host header names. */
export const isSameOrigin = (origin: string, host: Authority): boolean => {
  const match = /^(https?):\/\/(.+)$/.exec(origin);
  const authority = parseAuthority(match?.[2] ?? '');
  if (authority === null) return false;
  const ownPort = match?.[1] === 'https' ? 443 : 80;
  return authority.name === host.name && (authority.port ?? ownPort) === (host.port ?? ownPort);
};
