/** The monitor's public REST API, as far as the demo needs it. */

import { readFile } from 'node:fs/promises';
import type { Agent, MonitorEvent } from '../../machines/vocabulary.ts';

export interface MonitorApi {
  url: string;
  /** Whether the monitor answers and is ready. */
  ready(): Promise<boolean>;
  agents(): Promise<Agent[]>;
  /** Committed events after `seq`, oldest first. */
  events(after: number): Promise<MonitorEvent[]>;
}

/** Callers by the monitor's own user need no token on Linux; elsewhere it is in the data folder. */
export const createApi = (url: string, tokenFile: string): MonitorApi => {
  const get = async (path: string): Promise<Response> => {
    const token = await readFile(tokenFile, 'utf8').catch(() => '');
    const headers = token === '' ? {} : { authorization: `Bearer ${token.trim()}` };
    return fetch(`${url}${path}`, { headers, signal: AbortSignal.timeout(5000) });
  };
  const getBody = async <Body>(path: string): Promise<Body> => {
    const response = await get(path);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Body;
  };

  return {
    url,
    ready: () =>
      get('/readyz').then(
        (response) => response.ok,
        () => false, // It does not listen yet.
      ),
    agents: async () => (await getBody<{ agents: Agent[] }>('/api/agents')).agents,
    events: async (after) =>
      (await getBody<{ events: MonitorEvent[] }>(`/api/events?after=${after}&limit=1000`)).events,
  };
};
