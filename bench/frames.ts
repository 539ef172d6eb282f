/** What the simulated agents of a benchmark paint: whole blocks, as Claude Code 2.1.330 draws them. */

export interface Scene {
  /** Numbers the agent's turns from 1; its screen says which one it is. */
  turn: number;
  /** True while the turn runs, false at the prompt after it. */
  busy: boolean;
  /** How often it has painted: what moves in a screen moves with it. */
  frame: number;
}

/**
 * The bytes of one frame, some 1.7 KB: the block that stood there is erased and drawn again. A new
 * title comes first, so that the bytes with which a turn begins can be told from all others.
 */
export const frameOf = (scene: Scene, previous: Scene | null): Buffer => {
  const lines = linesOf(scene);
  const title = titleOf(scene);
  const isNamed = previous !== null && titleOf(previous) === title;
  const erase = previous === null ? CLEAR : ERASE_LINE_UP.repeat(lines.length - 1) + ERASE;
  return Buffer.from(`${isNamed ? '' : `${ESC}]0;${title}\x07`}${erase}${lines.join('\n')}`);
};

const titleOf = ({ turn, busy }: Scene): string => `${busy ? '⠐' : '✳'} Turn ${turn}`;

/** For one pane of 120 columns; every scene has the same number of lines, so that nothing scrolls. */
const linesOf = (scene: Scene): string[] => [
  `${BOLD}❯ Look into module ${scene.turn} and tell what it does${PLAIN}`,
  '',
  ...FILES.flatMap((file) => [
    `${GREEN}●${PLAIN} Read(src/module-${scene.turn}/${file})`,
    `  ⎿  ${FAINT}Read 120 lines${PLAIN}`,
  ]),
  '',
  `${GREEN}●${PLAIN} ${PROSE}`,
  '',
  statusOf(scene),
  '',
  RULE,
  '❯ ',
  RULE,
  `  ${FAINT}⏸ manual mode on${scene.busy ? ' · esc to interrupt' : ''} · ${tokensOf(scene)} tokens${PLAIN}`,
];

/** A spinner with its clock and counter, or the line that says that the turn has ended. */
const statusOf = (scene: Scene): string => {
  const { turn, busy, frame } = scene;
  if (!busy) return `${FAINT}✻ Pondered for 9s · turn ${turn}${PLAIN}`;
  const glyph = GLYPHS[frame % GLYPHS.length];
  const seconds = Math.floor(frame / 10) % 60;
  return `${GREEN}${glyph} Pondering turn ${turn}…${PLAIN} (${seconds}s · ↓ ${tokensOf(scene)} tokens)`;
};

const tokensOf = ({ frame }: Scene): number => 1000 + (frame % 9000);

const ESC = '\x1b';
const CLEAR = `${ESC}[2J${ESC}[3J${ESC}[H`;
const ERASE = `${ESC}[2K${ESC}[G`;
const ERASE_LINE_UP = `${ESC}[2K${ESC}[1A`;
const BOLD = `${ESC}[1m`;
const FAINT = `${ESC}[2m`;
const GREEN = `${ESC}[32m`;
const PLAIN = `${ESC}[0m`;
const RULE = `${FAINT}${'─'.repeat(120)}${PLAIN}`;
const GLYPHS = ['·', '✢', '✳', '✶', '✻', '✽'];
const FILES = ['index.ts', 'reader.ts', 'writer.ts', 'tokens.ts', 'errors.ts', 'limits.ts'];
const PROSE =
  'The module reads tokens from its input and writes them sorted; the tests cover the empty input.';
