import { effect, signal } from '@preact/signals';

type Theme = 'auto' | 'light' | 'dark';

const KEY = 'agent-monitor.theme';
const NEXT: Record<Theme, Theme> = { auto: 'light', light: 'dark', dark: 'auto' };
const SIGNS: Record<Theme, string> = { auto: '◐', light: '☀', dark: '☾' };

const stored = localStorage.getItem(KEY);
const theme = signal<Theme>(stored === 'light' || stored === 'dark' ? stored : 'auto');

effect(() => {
  document.documentElement.dataset.theme = theme.value;
  localStorage.setItem(KEY, theme.value);
});

export const ThemeButton = () => (
  <button
    type="button"
    class="quiet theme"
    title={`Colours: ${theme.value}`}
    aria-label={`Colours: ${theme.value}. Change to ${NEXT[theme.value]}`}
    onClick={() => {
      theme.value = NEXT[theme.value];
    }}
  >
    <span aria-hidden="true">{SIGNS[theme.value]}</span>
  </button>
);
