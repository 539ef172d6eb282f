import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { agents } from '../monitor/agents.ts';
import { byNeed, needsPerson } from '../monitor/needs.ts';
import { goTo, route } from '../router.ts';

const isOpen = signal(false);

const OFF_KEY = 'agent-monitor.keys';
/** Single keys get in the way of who speaks to the computer: they can be turned off. */
const isOn = signal(localStorage.getItem(OFF_KEY) !== 'off');

/** What keys do, where no field has them. Each is also a link or a button somewhere. */
const KEYS: { key: string; does: string; act(): void }[] = [
  { key: 'n', does: 'go to the next agent that needs you', act: () => goToNext() },
  { key: 'a', does: 'all agents', act: () => goTo({ page: 'overview' }) },
  { key: 'e', does: 'events', act: () => goTo({ page: 'events', session: null }) },
  { key: 'c', does: 'state chart', act: () => goTo({ page: 'chart', session: shownSession() }) },
  { key: 'h', does: 'health', act: () => goTo({ page: 'health' }) },
  { key: '/', does: 'search, or write a command', act: () => focusField() },
  { key: 'p', does: 'hold the events, or let them go on', act: () => press('p') },
  { key: '?', does: 'show these keys', act: () => toggle() },
];

export const Shortcuts = () => {
  useEffect(() => {
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return <KeyList isShown={isOpen.value} />;
};

const KeyList = ({ isShown }: { isShown: boolean }) => {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (isShown) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isShown]);
  return (
    <dialog
      ref={dialog}
      aria-labelledby="keys-title"
      onClose={() => {
        isOpen.value = false;
      }}
    >
      <h2 id="keys-title">Keys</h2>
      <dl class="keys">
        {KEYS.map(({ key, does }) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <label class="switch">
        <input
          type="checkbox"
          checked={isOn.value}
          onChange={({ currentTarget }) => {
            isOn.value = currentTarget.checked;
            localStorage.setItem(OFF_KEY, isOn.value ? 'on' : 'off');
          }}
        />{' '}
        These keys do something (<kbd>?</kbd> always does)
      </label>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
};

const onKey = (event: KeyboardEvent): void => {
  const { key, target, ctrlKey, metaKey, altKey } = event;
  if (ctrlKey || metaKey || altKey || event.isComposing) return;
  if (target instanceof HTMLElement && target.closest('input, textarea, select, dialog[open]')) {
    if (target.matches('input, textarea')) typing = { into: target, at: Date.now() };
    // Whoever was led there by a key goes on by keys; what stands there stays.
    if (key !== 'Escape' || !target.matches(FIELD)) return;
    event.preventDefault();
    target.blur();
    return;
  }
  if ((key.length === 1 || key === 'Enter') && isStillTyping()) {
    event.preventDefault();
    return;
  }
  const found = KEYS.find((each) => each.key === key);
  if (!found || !(isOn.value || found.key === '?')) return;
  event.preventDefault();
  found.act();
};

/** Where the last key went that a field had, and when, in ms since the epoch. */
let typing: { into: HTMLElement; at: number } | null = null;

/** So long after the last key another one belongs to the same words. */
const PAUSE_MS = 1_000;

/** The field has gone under the hands of who writes into it: what comes next is meant for it, and no key. */
const isStillTyping = (): boolean => {
  const isCutOff = typing !== null && !typing.into.isConnected && Date.now() - typing.at < PAUSE_MS;
  if (typing) typing = isCutOff ? { ...typing, at: Date.now() } : null;
  return isCutOff;
};

const toggle = (): void => {
  isOpen.value = !isOpen.value;
};

/** Where `/` leads. */
const FIELD = '[data-shortcut="/"]';

const focusField = (): void => document.querySelector<HTMLElement>(FIELD)?.focus();

const press = (key: string): void =>
  document.querySelector<HTMLElement>(`[data-shortcut="${key}"]`)?.click();

const shownSession = (): string | null => ('session' in route.value ? route.value.session : null);

const goToNext = (): void => {
  const waiting = [...(agents.value?.values() ?? [])].filter(needsPerson).sort(byNeed);
  const shown = route.value.page === 'agent' ? route.value.session : '';
  const at = waiting.findIndex(({ session }) => session === shown);
  const next = waiting[(at + 1) % waiting.length];
  if (next) goTo({ page: 'agent', session: next.session });
};
