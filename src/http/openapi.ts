import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
} from 'zod-openapi';
import { type Operation, operations } from './operations.ts';
import { problemBody } from './schemas.ts';
import { clientMessage, serverMessage } from './socket-messages.ts';

/** The OpenAPI 3.1 document of the API, made of the schemas that check it. */
export const describeApi = (options: { version: string; kinds: readonly string[] }) => {
  const paths: ZodOpenApiPathsObject = {};
  for (const operation of operations(options.kinds)) {
    const path = operation.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [operation.method]: describeOperation(operation) };
  }
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
        cookie: {
          type: 'apiKey',
          in: 'cookie',
          name: 'agent-monitor-3848',
          description:
            'What a browser gets by POST /api/login; its name ends with the port that the browser calls. Every change also needs the `X-CSRF-Token` that was answered with it.',
        },
      },
    },
    security: [{ token: [] }, { cookie: [] }, {}],
    paths,
  });
};

const textHeader = (description: string) => ({ description, schema: { type: 'string' as const } });

const QUEUED = {
  Location: textHeader('Where the command is'),
  'Idempotent-Replayed': textHeader('`true` where its key had been used before'),
};

const PROBLEM = {
  description: 'It went wrong: `code` says what, `detail` with what and what to do',
  headers: { 'Retry-After': textHeader('Seconds, where waiting helps') },
  content: { 'application/problem+json': { schema: problemBody } },
};

const describeOperation = (operation: Operation): ZodOpenApiOperationObject => {
  const { id, summary, params, query, headers, body, answer, status = 200, isPublic } = operation;
  const content =
    typeof answer === 'string'
      ? { [answer]: { schema: { type: 'string' as const } } }
      : { 'application/json': { schema: answer } };
  const isNeeded = body !== undefined && !body.safeParse(undefined).success;
  return {
    operationId: id,
    summary,
    ...(isPublic ? { security: [] } : {}),
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
      default: PROBLEM,
    },
  };
};
