import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import * as schemas from '../../../src/http/schemas.ts';
import { startServer } from './start.ts';

const CAFE = encodeURIComponent('café ☕ /1');

const ROUTES: [string, string, z.ZodType][] = [
  ['GET', '/health', schemas.healthBody],
  ['GET', '/livez', schemas.aliveBody],
  ['GET', '/readyz', schemas.aliveBody],
  ['GET', '/api/agents', schemas.agentsBody],
  ['GET', '/api/agents?state=stuck&kind=codex&attention=none', schemas.agentsBody],
  ['GET', '/api/agents/shop-api', schemas.agentDetailBody],
  ['GET', `/api/agents/${CAFE}`, schemas.agentDetailBody],
  ['GET', '/api/agents/shop-api/output?lines=5&ansi=1', schemas.outputBody],
  ['GET', '/api/agents/shop-api/log?limit=3', schemas.logBody],
  ['POST', '/api/agents/shop-api/kill', schemas.doneBody],
  ['POST', `/api/agents/${CAFE}/restart`, schemas.doneBody],
  ['GET', '/api/events?after=0&limit=10&session=shop-api&event=progress', schemas.eventsBody],
  ['GET', '/api/stats', schemas.statsBody],
];

describe('every route', () => {
  it.each(ROUTES)('%s %s answers what its schema says', async (method, path, schema) => {
    await using api = await startServer();
    api.monitor.commit({ event: 'progress' });
    const answer = await api.call(method, path);
    expect(answer.status).toBe(200);
    expect(schema.safeParse(answer.body).error).toBeUndefined();
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
  });

  it.each(ROUTES)('%s %s refuses another method with the allowed ones', async (method, path) => {
    await using api = await startServer();
    const answer = await api.call(method === 'GET' ? 'PUT' : 'GET', path);
    expect(answer).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } });
    expect(answer.headers.allow).toContain(method);
  });
});
