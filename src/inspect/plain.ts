/** What an actor holds, as JSON that may be shown: no functions, no cycles, no secrets, no end. */

/** What agents print, and what they hold, is data: as it may be shown. */
export interface Clean {
  /** Masks secrets and writes out control characters. */
  text(text: string): string;
  /** Whether what stands under this name is not to be shown, whatever it is. */
  isSecretKey(key: string): boolean;
}

const MAX_DEPTH = 12;
const MAX_TEXT = 500;
const MAX_ITEMS = 200;

export const toPlain = (value: unknown, clean: Clean, depth = MAX_DEPTH): unknown => {
  if (typeof value === 'string') return shortened(value, clean);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'function') return `[function ${value.name || 'without a name'}]`;
  if (typeof value === 'symbol') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return '[deeper]';
  if (value instanceof Error) {
    return { name: value.name, message: shortened(value.message, clean) };
  }
  if (value instanceof Date) return value.getTime();
  // Actors and machines are shown as what they are, not walked into.
  if (isActor(value)) return { actor: value.id, sessionId: value.sessionId };
  const plain = (item: unknown) => toPlain(item, clean, depth - 1);
  if (value instanceof Map) return [...value].slice(0, MAX_ITEMS).map(plain);
  if (value instanceof Set || Array.isArray(value))
    return [...value].slice(0, MAX_ITEMS).map(plain);
  const entries = Object.entries(value).slice(0, MAX_ITEMS);
  return Object.fromEntries(
    entries.map(([key, item]) => [
      shortened(key, clean),
      clean.isSecretKey(key) ? '[secret]' : plain(item),
    ]),
  );
};

/** Cleaned before it is cut: a secret that is cut is no longer known for one. */
const shortened = (text: string, clean: Clean): string => {
  const whole = clean.text(text);
  return whole.length > MAX_TEXT ? `${whole.slice(0, MAX_TEXT)}…` : whole;
};

const isActor = (value: object): value is { id: string; sessionId: string } =>
  'sessionId' in value && 'getSnapshot' in value;
