import { Worker } from 'node:worker_threads';
import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk.bundled.js';
import type { AnyStateMachine } from 'xstate';
import { type DirectedGraphEdge, type DirectedGraphNode, toDirectedGraph } from 'xstate/graph';

/** A machine laid out: boxes with the ids of their states, and the arrows between them. */
export interface Chart {
  width: number;
  height: number;
  boxes: Box[];
  arrows: Arrow[];
}

interface Box {
  /** The state's id, such as `session.activity.reading`. */
  id: string;
  name: string;
  kind: 'machine' | 'parallel' | 'compound' | 'leaf' | 'final';
  /** It is where its parent begins. */
  isInitial: boolean;
  /** The events that it takes without leaving it. */
  takes: string[];
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Arrow {
  id: string;
  points: { x: number; y: number }[];
  /** What moves along it, a line each. */
  labels: string[];
  labelAt: { x: number; y: number };
}

export const LINE_HEIGHT = 14;
const CHARACTER_WIDTH = 6.1;
/** The dashboard writes names larger where the whole drawing is small. */
const LARGE_CHARACTER_WIDTH = 12;
const TITLE_HEIGHT = 24;
const MIN_WIDTH = 90;

/** Lays a machine out from left to right, in a thread that takes up to a second: keep the answer. */
export const layOut = async (machine: AnyStateMachine): Promise<Chart> => {
  const graph = toDirectedGraph(machine);
  const nodes = flatten(graph);
  const arrows = merged(nodes.flatMap(({ edges }) => edges.filter(leaves)));
  const root: ElkNode = {
    id: 'chart',
    layoutOptions: OPTIONS,
    children: [toElk(graph)],
    edges: arrows.map(({ id, source, target, labels }) => ({
      id,
      sources: [source],
      targets: [target],
      labels: [{ id: `${id}/label`, text: labels.join('\n'), ...sizeOf(labels) }],
    })),
  };
  const placed = await place(root);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return {
    width: Math.ceil(placed.width ?? 0),
    height: Math.ceil(placed.height ?? 0),
    boxes: boxesOf(placed.children ?? [], byId),
    arrows: (placed.edges ?? []).map((edge, at) => arrowOf(edge, arrows[at]?.labels ?? [])),
  };
};

const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.layered.spacing.nodeNodeBetweenLayers': '40',
  'elk.spacing.nodeNode': '30',
  'elk.spacing.edgeEdge': '14',
  'elk.spacing.edgeNode': '18',
  'elk.spacing.edgeLabel': '4',
};

const place = (graph: ElkNode): Promise<ElkNode> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./layout-worker.ts', import.meta.url), {
      workerData: graph,
    });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the layout ended with ${code}`)));
    // Nobody waits for a drawing when the monitor ends.
    worker.unref();
  });

const flatten = (node: DirectedGraphNode): DirectedGraphNode[] => [
  node,
  ...node.children.flatMap(flatten),
];

/** It leads to another state; what stays where it is, is named in the box. */
const leaves = ({ source, target, transition }: DirectedGraphEdge): boolean =>
  source !== target && transition.target !== undefined;

interface Merged {
  id: string;
  source: string;
  target: string;
  labels: string[];
}

/** One arrow for all that leads from one state to the same other one. */
const merged = (edges: DirectedGraphEdge[]): Merged[] => {
  const byEnds = new Map<string, Merged>();
  for (const { source, target, transition } of edges) {
    const id = `${source.id}->${target.id}`;
    const arrow = byEnds.get(id) ?? { id, source: source.id, target: target.id, labels: [] };
    const label = labelOf(transition);
    if (!arrow.labels.includes(label)) arrow.labels.push(label);
    byEnds.set(id, arrow);
  }
  return [...byEnds.values()];
};

const labelOf = ({ eventType, guard }: DirectedGraphEdge['transition']): string => {
  const name = guardName(guard);
  return name === '' ? eventName(eventType) : `${eventName(eventType)} [${name}]`;
};

/** `xstate.done.actor.x` and `xstate.after.100.x` as people write them. */
const eventName = (type: string): string =>
  type
    .replace(/^xstate\.after\.(\d+)\..*$/, 'after $1 ms')
    .replace(/^xstate\.(done|error)\.actor\.(.*)$/, '$1($2)');

/**
 * `and`, `or` and `not` are functions of these names that hold their parts (XState 5.33); any other
 * guard is a name, or an object with one and its parameters.
 */
const guardName = (guard: unknown): string => {
  if (typeof guard === 'string') return guard;
  if (typeof guard === 'function') return combinedName(guard as CombinedGuard);
  if (typeof guard !== 'object' || guard === null) return '';
  const { type = '', params } = guard as { type?: string; params?: unknown };
  return [type, ...Object.values(typeof params === 'object' && params ? params : {})].join(' ');
};

interface CombinedGuard {
  name: string;
  guards?: unknown[];
}

const combinedName = ({ name, guards = [] }: CombinedGuard): string => {
  if (name === 'not') return `not ${guards.map(guardName).join()}`;
  const parts = guards.map((part) => {
    const isNested = typeof part === 'function' && (part as CombinedGuard).name !== 'not';
    return isNested ? `(${guardName(part)})` : guardName(part);
  });
  return parts.join(` ${name} `);
};

const sizeOf = (lines: string[]): { width: number; height: number } => ({
  width: Math.max(...lines.map((line) => line.length)) * CHARACTER_WIDTH + 6,
  height: lines.length * LINE_HEIGHT + 2,
});

const toElk = (node: DirectedGraphNode): ElkNode => {
  const takes = takenBy(node);
  const text = sizeOf([node.stateNode.key, ...takes]);
  const width = Math.max(
    MIN_WIDTH,
    text.width + 16,
    node.stateNode.key.length * LARGE_CHARACTER_WIDTH + 24,
  );
  const top = TITLE_HEIGHT + takes.length * LINE_HEIGHT;
  if (node.children.length === 0) return { id: node.id, width, height: top + 6 };
  return {
    id: node.id,
    layoutOptions: {
      'elk.padding': `[top=${top + 14},left=16,bottom=16,right=16]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${width},${top})`,
    },
    children: node.children.map(toElk),
  };
};

const takenBy = ({ edges, stateNode }: DirectedGraphNode): string[] => {
  const stay = edges.filter((edge) => !leaves(edge)).map(({ transition }) => transition.eventType);
  const untargeted = [...stateNode.transitions.values()]
    .flat()
    .filter(({ target }) => target === undefined)
    .map(({ eventType }) => eventType);
  return [...new Set([...stay, ...untargeted])].map(eventName);
};

const boxesOf = (placed: ElkNode[], byId: Map<string, DirectedGraphNode>): Box[] =>
  placed.flatMap((node) => {
    const found = byId.get(node.id);
    if (!found) return [];
    const { stateNode } = found;
    const { x = 0, y = 0, width = 0, height = 0, children = [] } = node;
    const { parent, key, type } = stateNode;
    const kind = parent === undefined ? 'machine' : KINDS[type];
    const isInitial = parent?.initial?.target?.includes(stateNode) ?? false;
    const box: Box = {
      id: node.id,
      name: key,
      kind,
      isInitial,
      takes: takenBy(found),
      x,
      y,
      width,
      height,
    };
    return [box, ...boxesOf(children, byId)];
  });

const KINDS = {
  atomic: 'leaf',
  compound: 'compound',
  parallel: 'parallel',
  final: 'final',
  history: 'leaf',
} as const satisfies Record<string, Box['kind']>;

const arrowOf = (
  { id, sections = [], labels: placed = [] }: ElkExtendedEdge,
  labels: string[],
): Arrow => {
  const points = sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [
    startPoint,
    ...bendPoints,
    endPoint,
  ]);
  const { x = 0, y = 0 } = placed[0] ?? {};
  return { id, points, labels, labelAt: { x, y } };
};
