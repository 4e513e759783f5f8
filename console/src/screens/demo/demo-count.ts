// How the tickets of the demo stand, and what changed since they were last looked at. Pure.

import type { Demo, DemoTicket } from '../../api/demo.ts';
import { strings } from '../../strings/en.ts';

const text = strings.demo;

export interface DemoCount {
  readonly solved: number;
  readonly blocked: number;
  readonly waiting: number;
}

export function countOf({ tickets }: Pick<Demo, 'tickets'>): DemoCount {
  const count = (state: DemoTicket['state']): number => tickets.filter((ticket) => ticket.state === state).length;
  return { solved: count('solved'), blocked: count('blocked'), waiting: count('waiting') };
}

/** What to say aloud about the difference: one change by its name, several by the score. */
export function newsOf(before: readonly DemoTicket[], demo: Pick<Demo, 'tickets' | 'state'>): string {
  const known = new Map(before.map((ticket) => [ticket.id, ticket.state]));
  const ended = demo.tickets.filter(({ id, state }) => known.get(id) !== state && state !== 'arrived' && state !== 'working');
  const arrived = demo.tickets.filter(({ id }) => !known.has(id)).length;
  const { solved, blocked, waiting } = countOf(demo);
  const [only, ...others] = ended;
  if (only !== undefined && others.length === 0) return text.live.state(only.subject, text.states[only.state] ?? only.state);
  if (others.length > 0) return text.live.many(solved, blocked, waiting);
  return arrived === 0 ? '' : text.live.arrived(arrived);
}
