import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import { cookieName } from './cookies.ts';
import { PROBLEMS, type ProblemCode } from './errors.ts';
import type { Authority } from './hosts.ts';
import { type Operation, operations, refusalsOf, UPGRADES, type Upgrade } from './operations.ts';
import { problemBody } from './schemas.ts';
import { clientMessage, serverMessage } from './socket-messages.ts';

/** The OpenAPI 3.1 document of the API, made of the schemas that check it. Takes some 50 ms. */
export const describeApi = (options: { version: string; kinds: readonly string[] }) => {
  const paths: ZodOpenApiPathsObject = {};
  for (const operation of operations(options.kinds)) {
    const path = operation.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [operation.method]: describeOperation(operation) };
  }
  for (const upgrade of UPGRADES) paths[upgrade.path] = { get: describeUpgrade(upgrade) };
  return createDocument({
    openapi: '3.1.1',
    info: {
      title: 'agent-monitor',
      version: options.version,
      summary: 'Watches coding agents in tmux sessions, and types into them.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    components: {
      // OpenAPI knows no WebSockets: these are the messages of `/ws`.
      schemas: { ServerMessage: serverMessage, ClientMessage: clientMessage },
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description:
            'The token from the data folder. Programs of the same user need none on Linux.',
        },
        cookie: COOKIE,
        csrf: {
          type: 'apiKey',
          in: 'header',
          name: 'X-CSRF-Token',
          description: 'What was answered with the cookie: it goes with every change.',
        },
      },
    },
    security: LOOKING,
    paths,
  });
};

/** The document as it is asked for at a host: the cookie has another name on every port. */
export const describedAt = (
  document: ReturnType<typeof describeApi>,
  host: Authority,
): ReturnType<typeof describeApi> => {
  const { components } = document;
  const cookie = { ...COOKIE, name: cookieName(host) };
  const securitySchemes = { ...components?.securitySchemes, cookie };
  return { ...document, components: { ...components, securitySchemes } };
};

const COOKIE = {
  type: 'apiKey',
  in: 'cookie',
  name: cookieName({ name: '', port: null }),
  description:
    'What a browser gets by POST /api/login. Its name ends with the port that the browser calls: here with that by which this document was asked for.',
} as const;

const textHeader = (description: string) => ({ description, schema: { type: 'string' as const } });

const QUEUED = {
  Location: textHeader('Where the command is'),
  'Idempotent-Replayed': textHeader('`true` where its key had been used before'),
};

const PROBLEM = { 'application/problem+json': { schema: problemBody } };

const FAILED = {
  description: 'The monitor could not do it: `code` says why, `detail` what to do',
  headers: { 'Retry-After': textHeader('Seconds, where waiting helps') },
  content: PROBLEM,
};

/** The headers of these statuses. */
const HEADERS: Record<number, Record<string, ReturnType<typeof textHeader>>> = {
  401: { 'WWW-Authenticate': textHeader('`Bearer`') },
  426: { Upgrade: textHeader('`websocket`') },
  429: { 'Retry-After': textHeader('Seconds until it makes sense to ask again') },
};

/** By status, each with its codes. */
const describeRefusals = (codes: readonly ProblemCode[]): ZodOpenApiResponsesObject => {
  const byStatus = Map.groupBy(codes, (code) => PROBLEMS[code][0]);
  const described = [...byStatus].map(([status, alike]) => {
    const description = alike.map((code) => `\`${code}\`: ${PROBLEMS[code][1]}`).join('; ');
    const headers = HEADERS[status];
    return [status, { description, ...(headers ? { headers } : {}), content: PROBLEM }];
  });
  return { ...Object.fromEntries(described), default: FAILED };
};

const describeOperation = (operation: Operation): ZodOpenApiOperationObject => {
  const { id, summary, params, query, headers, body, answer, status = 200 } = operation;
  const content =
    typeof answer === 'string'
      ? { [answer]: { schema: { type: 'string' as const } } }
      : { 'application/json': { schema: answer } };
  const isNeeded = body !== undefined && !body.safeParse(undefined).success;
  return {
    operationId: id,
    summary,
    security: securityOf(operation),
    requestParams: {
      ...(params ? { path: params } : {}),
      ...(query ? { query } : {}),
      ...(headers ? { header: headers } : {}),
    },
    ...(body
      ? { requestBody: { required: isNeeded, content: { 'application/json': { schema: body } } } }
      : {}),
    responses: {
      [status]: { description: summary, content, ...(status === 202 ? { headers: QUEUED } : {}) },
      ...describeRefusals(refusalsOf(operation)),
    },
  };
};

const securityOf = ({ method, isPublic }: Operation) => {
  if (isPublic) return [];
  return method === 'get' ? LOOKING : CHANGING;
};
/** The last is for who is known by the connection. */
const LOOKING = [{ token: [] }, { cookie: [] }, {}];
const CHANGING = [{ token: [] }, { cookie: [], csrf: [] }, {}];

const describeUpgrade = ({ id, summary, query }: Upgrade): ZodOpenApiOperationObject => ({
  operationId: id,
  summary,
  security: LOOKING,
  requestParams: { header: UPGRADE_HEADERS, ...(query ? { query } : {}) },
  responses: {
    101: { description: 'From here on it is a WebSocket' },
    ...describeRefusals([...refusalsOf({ method: 'get' }), 'upgrade_required']),
  },
});

const UPGRADE_HEADERS = z.object({
  Connection: z.literal('Upgrade'),
  Upgrade: z.literal('websocket'),
  'Sec-WebSocket-Version': z.literal('13'),
  'Sec-WebSocket-Key': z.string(),
});
