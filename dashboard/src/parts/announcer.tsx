import { computed } from '@preact/signals';
import { agents } from '../monitor/agents.ts';
import { LOOK_NAMES, lookOf, needsPerson } from '../monitor/needs.ts';

/** Told to a screen reader when it changes: who needs a person. */
export const Announcer = () => (
  <p class="sr-only" role="status">
    {waiting.value}
  </p>
);

const MOST_NAMES = 5;

const waiting = computed(() => {
  const list = [...(agents.value?.values() ?? [])].filter(needsPerson);
  const names = list
    .slice(0, MOST_NAMES)
    .map((agent) => `${agent.session} is ${LOOK_NAMES[lookOf(agent)]}`)
    .sort();
  const more = list.length - names.length;
  return [...names, ...(more > 0 ? [`${more} more need you`] : [])].join(', ');
});
