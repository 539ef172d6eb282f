import { LOOK_NAMES, type Look } from '../monitor/needs.ts';

/** A state, told by colour, by sign and by word. */
export const LookBadge = ({ look }: { look: Look }) => (
  <span class="badge" data-look={look}>
    <span aria-hidden="true">{SIGNS[look]}</span> {LOOK_NAMES[look]}
  </span>
);

const SIGNS: Record<Look, string> = {
  waiting: '?',
  error: '!',
  stuck: '‖',
  working: '▸',
  reading: '▹',
  complete: '✓',
  gone: '×',
  unknown: '·',
};
