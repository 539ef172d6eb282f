import { type Chart, LINE_HEIGHT } from './chart.ts';

const MARGIN = 8;

/**
 * Draws a chart. Each state is a group whose id is the state's; those in `active` have the class
 * `active` too, so that a page may also move it by itself.
 */
export const drawSvg = (
  chart: Chart,
  options: { title: string; active?: readonly string[] },
): string => {
  const active = new Set(options.active);
  const boxes = chart.boxes.map((box) => drawBox(box, active.has(box.id)));
  const arrows = chart.arrows.map(drawArrow);
  const width = chart.width + 2 * MARGIN;
  const height = chart.height + 2 * MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${width}" height="${height}" viewBox="${-MARGIN} ${-MARGIN} ${width} ${height}">`,
    `<title>${escaped(options.title)}</title>`,
    `<style>${STYLE}</style>`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>',
    ...boxes,
    ...arrows,
    '</svg>',
  ].join('\n');
};

const STYLE = `
svg { font: 10px ui-monospace, Menlo, Consolas, monospace; background: #fff; color: #1f2328 }
.state > rect { fill: #f6f8fa; stroke: #d0d7de }
.state > .name { font-weight: 600; font-size: 11px; fill: currentColor }
.state > .takes, .arrow text { fill: #59636e }
.machine > rect, .compound > rect, .parallel > rect { fill: none }
.parallel > rect { stroke-dasharray: 4 3 }
.final > rect { stroke-width: 3 }
.initial > circle { fill: currentColor }
.active > rect { stroke: #0969da; stroke-width: 2 }
.leaf.active > rect { fill: #ddf4ff }
.arrow path { fill: none; stroke: #818b98 }
.arrow rect { fill: #fff; opacity: .85 }
#tip path { fill: #818b98; stroke: none }
@media (prefers-color-scheme: dark) {
  svg { background: #0d1117; color: #f0f6fc }
  .state > rect { fill: #151b23; stroke: #3d444d }
  .machine > rect, .compound > rect, .parallel > rect { fill: none }
  .state > .takes, .arrow text { fill: #9198a1 }
  .active > rect { stroke: #4493f8 }
  .leaf.active > rect { fill: #121d2f }
  .arrow rect { fill: #0d1117 }
}`.trim();

const drawBox = (box: Chart['boxes'][number], isActive: boolean): string => {
  const { id, name, kind, isInitial, takes, x, y, width, height } = box;
  const classes = ['state', kind, isInitial ? 'initial' : '', isActive ? 'active' : ''];
  return [
    `<g id="${escaped(id)}" class="${classes.filter(Boolean).join(' ')}">`,
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>`,
    isInitial ? `<circle cx="${x + 10}" cy="${y + 14}" r="3"/>` : '',
    text('name', isInitial ? x + 18 : x + 8, y + 18, name),
    ...takes.map((event, line) => text('takes', x + 8, y + 20 + (line + 1) * LINE_HEIGHT, event)),
    '</g>',
  ].join('');
};

const drawArrow = ({ id, points, labels, labelAt }: Chart['arrows'][number]): string => {
  const path = points.map(({ x, y }, at) => `${at === 0 ? 'M' : 'L'}${x} ${y}`).join('');
  const lines = labels.map((label, line) =>
    text('label', labelAt.x + 3, labelAt.y + 11 + line * LINE_HEIGHT, label),
  );
  return `<g id="${escaped(id)}" class="arrow"><path d="${path}" marker-end="url(#tip)"/>${lines.join('')}</g>`;
};

const text = (name: string, x: number, y: number, content: string): string =>
  `<text class="${name}" x="${x}" y="${y}">${escaped(content)}</text>`;

const escaped = (content: string): string =>
  content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
