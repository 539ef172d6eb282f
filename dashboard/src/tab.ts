/** The browser's tab tells who waits, for whoever looks at another one. */

import { computed, effect } from '@preact/signals';
import { agents } from './monitor/agents.ts';
import { link } from './monitor/feed.ts';
import { needsPerson } from './monitor/needs.ts';
import { route } from './router.ts';
import type { Route } from './routes.ts';

const SIZE = 32;

const needing = computed(
  () => [...(agents.value?.values() ?? [])].filter((agent) => needsPerson(agent)).length,
);

const isLost = computed(() => link.value.status === 'lost');

const title = computed(() => {
  const mark = isLost.value ? '⚠ ' : needing.value > 0 ? `(${needing.value}) ` : '';
  return `${mark}${nameOf(route.value)}agent-monitor`;
});

const sign = computed(() => {
  if (isLost.value) return '!';
  return needing.value > 0 ? String(Math.min(needing.value, 99)) : '';
});

/** Both are drawn only when they say something else. */
export const showInTab = (): void => {
  effect(() => {
    document.title = title.value;
  });
  effect(() => drawIcon(sign.value, isLost.value));
};

const nameOf = (shown: Route): string => {
  switch (shown.page) {
    case 'agent':
      return `${shown.session} – `;
    case 'chart':
      return 'State chart – ';
    case 'events':
      return 'Events – ';
    case 'health':
      return 'Health – ';
    case 'overview':
    case 'nowhere':
      return '';
  }
};

const drawIcon = (text: string, isLost: boolean): void => {
  const canvas = document.createElement('canvas');
  canvas.width = SIZE;
  canvas.height = SIZE;
  const pen = canvas.getContext('2d');
  const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  if (!pen || !icon) return;
  pen.fillStyle = isLost ? '#6b7280' : text === '' ? '#2f7d4f' : '#c2410c';
  pen.beginPath();
  pen.roundRect(0, 0, SIZE, SIZE, 8);
  pen.fill();
  pen.fillStyle = '#fff';
  pen.font = `bold ${text.length > 1 ? 18 : 22}px system-ui, sans-serif`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(text === '' ? '›' : text, SIZE / 2, SIZE / 2 + 1);
  icon.href = canvas.toDataURL('image/png');
};
