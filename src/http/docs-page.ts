import type { describeApi } from './openapi.ts';

export type ApiDocument = ReturnType<typeof describeApi>;
type Schema = Record<string, unknown>;

/** The API's document as a page of plain HTML, which needs neither the network nor a script. */
export const drawDocsPage = ({ info, paths = {}, components }: ApiDocument): string => {
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item?.[method];
      return operation ? [drawOperation(method, path, operation as unknown as Operation)] : [];
    }),
  );
  const schemas = Object.entries(components?.schemas ?? {}).map(([name, schema]) =>
    drawSchema(name, schema),
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(info.title)} API</title>
<link rel="stylesheet" href="/docs.css">
</head>
<body>
<h1>${escaped(info.title)} API</h1>
<p>${escaped(info.summary ?? '')} Version ${escaped(info.version)}. The same for programs: <a href="/openapi.json">/openapi.json</a>.</p>
<p>What a call goes wrong with is answered as <code>application/problem+json</code>, whose <code>code</code> says what.</p>
${operations.join('\n')}
<h2>Schemas</h2>
${schemas.join('\n')}
</body>
</html>
`;
};

const METHODS = ['get', 'post', 'delete'] as const;

interface Operation {
  operationId: string;
  summary: string;
  parameters?: { in: string; name: string; required?: boolean; schema: Schema }[];
  requestBody?: { required?: boolean; content: Record<string, { schema: Schema }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: Schema }> }>;
}

const drawOperation = (method: string, path: string, operation: Operation): string => {
  const { operationId, summary, parameters = [], requestBody, responses } = operation;
  // Numbers come before names, and the smaller first: what is answered before what is refused.
  const [[status, answer] = ['', undefined], ...refused] = Object.entries(responses);
  const rows = parameters.map(
    ({ in: place, name, required, schema }) =>
      `<tr><td><code>${escaped(name)}</code></td><td>${place}${required ? '' : ', may be left out'}</td><td><code>${escaped(JSON.stringify(schema))}</code></td></tr>`,
  );
  return [
    `<details id="${escaped(operationId)}">`,
    `<summary><b class="${method}">${method.toUpperCase()}</b> <code>${escaped(path)}</code> ${escaped(summary)}</summary>`,
    rows.length > 0 ? `<table>${rows.join('')}</table>` : '',
    requestBody ? `<h2>Body${requestBody.required ? '' : ', may be left out'}</h2>` : '',
    ...drawContent(requestBody?.content),
    `<h2>Answer ${escaped(status)}</h2>`,
    ...drawContent(answer?.content),
    '<h2>Refused</h2>',
    `<table>${refused.map(drawRefusal).join('')}</table>`,
    '</details>',
  ].join('\n');
};

const drawRefusal = ([status, { description }]: [string, { description: string }]): string =>
  `<tr><td>${status === 'default' ? '5xx' : status}</td><td>${escaped(description).replace(/`([^`]+)`/g, '<code>$1</code>')}</td></tr>`;

const drawContent = (content: Record<string, { schema: Schema }> = {}): string[] =>
  Object.entries(content).map(
    ([type, { schema }]) =>
      `<p>${escaped(type)}</p><pre>${escaped(JSON.stringify(schema, null, 2))}</pre>`,
  );

const drawSchema = (name: string, schema: unknown): string =>
  `<details id="schema-${escaped(name)}">
<summary><code>${escaped(name)}</code></summary>
<pre>${escaped(JSON.stringify(schema, null, 2))}</pre>
</details>`;

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
