/** `hooks`: what became of an agent's settings, told to a person. */

import { Failure } from './failure.ts';
import { jsonText, printable, type Terminal, table } from './terminal.ts';

export interface Changed {
  changed: boolean;
  settingsPath: string;
  backup: string | null;
}

/** Whoever has put that there had a reason: it is not for us to take it out. */
const ARE_DISABLED = '"disableAllHooks" in the settings turns them off.';

/** What a person has to do before the agent reads them. */
const AFTER_INSTALL: Record<string, string> = {
  'claude-code': 'Agents that are running hear of it when they are started anew.',
  codex: 'Codex asks to review new hooks at its next start.',
};

export const tellInstalled = (
  { out }: Terminal,
  agent: string,
  { changed, settingsPath, backup }: Changed,
  { installed }: { installed: string },
): Promise<void> => {
  const where = printable(settingsPath);
  const what = changed ? `Installed in ${where}${keptAs(backup)}` : `Already installed in ${where}`;
  const next = changed ? AFTER_INSTALL[agent] : undefined;
  const lines = [`${what}.`, installed === 'disabled' ? ARE_DISABLED : next];
  return out(lines.flatMap((line) => (line === undefined ? [] : `${line}\n`)).join(''));
};

export const tellUninstalled = (
  { out }: Terminal,
  { changed, settingsPath, backup }: Changed,
): Promise<void> => {
  const where = printable(settingsPath);
  if (!changed) return out(`None were installed in ${where}.\n`);
  return out(`Removed from ${where}${keptAs(backup)}.\n`);
};

/** @throws {Failure} where they are not installed as they should be. */
export const tellStatus = async (
  { out }: Terminal,
  status: { installed: string; settingsPath: string; missing: string[] },
  { json, agent }: { json?: boolean; agent: string },
): Promise<void> => {
  const { installed, settingsPath, missing } = status;
  const rows = [
    ['agent', agent],
    ['installed', installed],
    ['settings', settingsPath],
    ['missing', missing.join(', ') || '-'],
  ];
  await out(json ? `${jsonText({ agent, ...status })}\n` : table(rows));
  if (installed === 'yes') return;
  if (installed === 'disabled') throw new Failure(ARE_DISABLED);
  const how =
    installed === 'no'
      ? 'not installed'
      : `installed, but not as they should be${missing.length > 0 ? ` for ${missing.join(', ')}` : ''}`;
  throw new Failure(`the hooks are ${how}; \`agent-monitor hooks install\` puts them right`);
};

const keptAs = (backup: string | null): string =>
  backup === null ? '' : `; the file as it was just before: ${printable(backup)}`;
