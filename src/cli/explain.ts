/** `explain`: what a screen is taken for, by which rule, and why; from stdin or from a live agent. */

import type { SeenDialog, Verdict } from '../../machines/vocabulary.ts';
import type { Client } from '../client.ts';
import type { Explainer, GivenScreen } from '../explain.ts';
import { dialogText } from './agents.ts';
import { explainLines } from './explain-lines.ts';
import { Failure } from './failure.ts';
import { jsonText, type Terminal, table } from './terminal.ts';

export interface ExplainTools {
  input: AsyncIterable<Uint8Array>;
  terminal: Terminal;
  explainer: Explainer;
}

/** One screen from stdin. */
export const explainOne = async (
  { input, terminal, explainer }: ExplainTools,
  { kind, title, json }: { kind: GivenScreen['kind']; title: string; json?: boolean },
): Promise<void> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of input) chunks.push(chunk);
  const screen = new TextDecoder().decode(Buffer.concat(chunks));
  const { explanation, verdict, kindBy } = explainer.explainScreen({ screen, title, kind });
  if (json) return terminal.out(`${jsonText(explanation)}\n`);
  const by = { given: 'as given', title: 'by its title', screen: 'by its screen' };
  const found = kindBy === 'nothing' ? 'no agent is recognised: set --kind' : by[kindBy];
  await terminal.out(verdictText(`${explanation.kind} (${found})`, verdict));
};

/** Many screens, one JSON object a line. @throws {Failure} at the end, where lines were bad. */
export const explainMany = async (tools: ExplainTools): Promise<void> => {
  const { input, terminal, explainer } = tools;
  const bad = await explainLines({
    input,
    write: terminal.out,
    complain: (message) => terminal.err(`agent-monitor: ${message}`),
    kindNamed: explainer.kindNamed,
    explain: (given) => explainer.explainScreen(given).explanation,
  });
  if (bad > 0) throw new Failure(`${bad} ${bad === 1 ? 'line was' : 'lines were'} bad`);
};

/** A live agent's screen, looked at and judged by the monitor now. */
export const explainLive = async (
  { api, terminal }: { api: Client; terminal: Terminal },
  session: string,
  { json }: { json?: boolean },
): Promise<void> => {
  const look = await api.look(session);
  if (json) return terminal.out(`${jsonText(look)}\n`);
  const { kind, state, title, verdict } = look;
  const beside = table([
    ['session', session],
    ['state', state],
    ['title', title || '-'],
  ]);
  await terminal.out(`${beside}\n${verdictText(kind, verdict)}`);
};

const verdictText = (kind: string, verdict: Verdict): string => {
  const { activity, attention, reason, rule, evidence, composer, progress, toolRunning } = verdict;
  return (
    table([
      ['kind', kind],
      ['activity', activity],
      ['attention', attention],
      ['reason', reason],
      ['rule', rule],
      ['evidence', evidence || '-'],
      [
        'input box',
        composer.text === '' ? composer.content : `${composer.content}: ${composer.text}`,
      ],
      ['tool', toolRunning ? 'running' : '-'],
      ['progress', progress === null ? '-' : `${progress}%`],
    ]) + dialogText({ dialog: verdict.dialog satisfies SeenDialog | null })
  );
};
