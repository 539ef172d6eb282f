/** A person's own texts, by session: they outlive a reload, and go with the tab. */

export interface OwnTexts {
  /** The oldest first. */
  of(session: string): readonly string[];
  keep(session: string, texts: readonly string[]): void;
  /** The session has another name now. */
  rename(from: string, to: string): void;
}

/** In characters: what was kept longest ago makes room, and what is longer than all of it is not kept. */
const ROOM = 400_000;

export const createOwnTexts = (
  storage: Pick<Storage, 'getItem' | 'setItem'>,
  key: string,
): OwnTexts => {
  let all = readTexts(storage.getItem(key));
  const keep = (session: string, texts: readonly string[]): void => {
    all = bounded([...all.filter(([of]) => of !== session), [session, texts]]);
    try {
      storage.setItem(key, JSON.stringify(all));
    } catch {
      // The browser has no room left: it is kept until the page is left.
    }
  };
  const of = (session: string): readonly string[] =>
    all.find(([other]) => other === session)?.[1] ?? [];
  return {
    ...{ of, keep },
    rename: (from, to) => {
      const texts = of(from);
      keep(from, []);
      if (texts.length > 0) keep(to, texts);
    },
  };
};

/** The session that was written to last comes last. */
type Kept = readonly (readonly [session: string, texts: readonly string[]])[];

const bounded = (all: Kept): Kept => {
  let left = ROOM;
  return all
    .toReversed()
    .filter(([, texts]) => {
      const length = texts.join('').length;
      const isKept = length > 0 && length <= left;
      if (isKept) left -= length;
      return isKept;
    })
    .toReversed();
};

/** What is stored may be of an older page, or somebody else's. */
const readTexts = (stored: string | null): Kept => {
  try {
    const all: unknown = JSON.parse(stored ?? '[]');
    return Array.isArray(all) ? all.filter(isKept) : [];
  } catch {
    return []; // Nothing is lost but a convenience.
  }
};

const isKept = (entry: unknown): entry is Kept[number] => {
  if (!Array.isArray(entry) || entry.length !== 2) return false;
  const [session, texts] = entry as [unknown, unknown];
  return typeof session === 'string' && Array.isArray(texts) && texts.every(isText);
};

const isText = (value: unknown): boolean => typeof value === 'string';
