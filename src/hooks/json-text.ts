/** Changes single places of a JSON text and leaves all others as a person wrote them. */

export type JsonNode = { start: number; end: number } & (
  | { type: 'object'; members: JsonMember[] }
  | { type: 'array'; elements: JsonNode[] }
  | { type: 'other' }
);

export interface JsonMember {
  key: string;
  /** Where the key begins. */
  start: number;
  value: JsonNode;
}

export interface Edit {
  start: number;
  end: number;
  text: string;
}

/** Where everything stands in a text. @throws {SyntaxError} where it is not JSON. */
export const readJsonText = (text: string): JsonNode => {
  JSON.parse(text);
  return nodeAt(text, skipBlanks(text, 0));
};

/** @param edits do not overlap. */
export const edited = (text: string, edits: readonly Edit[]): string =>
  [...edits]
    .sort((one, other) => other.start - one.start || other.end - one.end)
    .reduce(
      (rest, { start, end, text: inserted }) => rest.slice(0, start) + inserted + rest.slice(end),
      text,
    );

/**
 * Adds to the end of an object or array, as the items before it are laid out.
 * @param items each as one text: a value, or a key with its value.
 */
export const appended = (
  text: string,
  node: JsonNode,
  items: readonly string[],
  { indent, depth }: Layout,
): Edit => {
  const last = childrenOf(node).at(-1);
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const insert = (start: number, end: number, inserted: string): Edit => ({
    ...{ start, end },
    text: inserted.replaceAll('\n', eol),
  });
  const inner = `\n${indent.repeat(depth + 1)}`;
  const list = items.map((item) => item.replaceAll('\n', inner)).join(`,${inner}`);
  if (!last) {
    const body = `${inner}${list}\n${indent.repeat(depth)}`;
    return insert(node.start + 1, node.end - 1, body);
  }
  const isOnOneLine = !text.slice(node.start, last.start).includes('\n');
  return insert(last.end, last.end, isOnOneLine ? `, ${list}` : `,${inner}${list}`);
};

/** Takes children out, with the commas and blanks that went with them. */
export const removed = (node: JsonNode, isUnwanted: (index: number) => boolean): Edit[] => {
  const children = childrenOf(node);
  const kept = children.filter((_, index) => !isUnwanted(index));
  if (kept.length === children.length) return [];
  if (kept.length === 0) return [{ start: node.start + 1, end: node.end - 1, text: '' }];
  return children.flatMap((child, index): Edit[] => {
    if (!isUnwanted(index)) return [];
    const before = children.slice(0, index).findLast((other) => kept.includes(other));
    const previous = children[index - 1];
    if (before && previous) return [{ start: previous.end, end: child.end, text: '' }];
    const next = children[index + 1] as Child;
    return [{ start: child.start, end: next.start, text: '' }];
  });
};

export interface Layout {
  /** One step. */
  indent: string;
  /** How deep the object or array stands. */
  depth: number;
}

/** How a text is indented: as its first indented line is, by two spaces where there is none. */
export const indentOf = (text: string): string => /^[ \t]+(?=\S)/m.exec(text)?.[0] ?? '  ';

interface Child {
  start: number;
  end: number;
}

const childrenOf = (node: JsonNode): Child[] => {
  if (node.type === 'array') return node.elements;
  if (node.type === 'object')
    return node.members.map(({ start, value }) => ({ start, end: value.end }));
  return [];
};

const nodeAt = (text: string, start: number): JsonNode => {
  if (text[start] === '{') return objectAt(text, start);
  if (text[start] === '[') return arrayAt(text, start);
  const end = text[start] === '"' ? endOfString(text, start) : endOfWord(text, start);
  return { type: 'other', start, end };
};

const objectAt = (text: string, start: number): JsonNode => {
  const members: JsonMember[] = [];
  let at = skipBlanks(text, start + 1);
  while (text[at] !== '}') {
    const keyEnd = endOfString(text, at);
    const value = nodeAt(text, skipBlanks(text, skipBlanks(text, keyEnd) + 1));
    members.push({ key: JSON.parse(text.slice(at, keyEnd)), start: at, value });
    at = afterComma(text, value.end);
  }
  return { type: 'object', start, end: at + 1, members };
};

const arrayAt = (text: string, start: number): JsonNode => {
  const elements: JsonNode[] = [];
  let at = skipBlanks(text, start + 1);
  while (text[at] !== ']') {
    const element = nodeAt(text, at);
    elements.push(element);
    at = afterComma(text, element.end);
  }
  return { type: 'array', start, end: at + 1, elements };
};

const afterComma = (text: string, at: number): number => {
  const next = skipBlanks(text, at);
  return text[next] === ',' ? skipBlanks(text, next + 1) : next;
};

const skipBlanks = (text: string, at: number): number => {
  let next = at;
  while (next < text.length && BLANKS.has(text[next] as string)) next += 1;
  return next;
};

const BLANKS = new Set([' ', '\t', '\n', '\r']);

const endOfString = (text: string, start: number): number => {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
};

const endOfWord = (text: string, start: number): number => {
  let at = start;
  while (at < text.length && /[^\s,\]}]/.test(text[at] as string)) at += 1;
  return at;
};
