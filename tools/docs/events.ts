// The page of events: for each room and type what it means, the facts it may hold, and an example. Made from the catalogues that decide
// what can be written.

import { type EventCatalogue, type EventType, factWords } from '../../server/src/core/index.ts';

export function eventLines(rooms: Readonly<Record<string, EventCatalogue>>): readonly string[] {
  return [
    'Every event of the ledger is of a type on this page, written by the room its name begins with. The database refuses an event of another',
    'type, or one whose `public` part is not what stands here: references, codes and counts, never a personal value or free text.',
    'Of changes by people the ledger also keeps what was before and after, from where and why: sealed under a key of that person, and only',
    'as a salted commitment in the leaf. *Privileged*: an act by which a person changes what others may do or see.',
    '',
    ...Object.entries(rooms)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .flatMap(([room, catalogue]) => [`## ${room}`, '', ...[...catalogue].sort(byType).flatMap(typeLines)]),
  ];
}

const byType = (left: EventType, right: EventType): number => (left.type < right.type ? -1 : 1);

function typeLines({ type, meaning, facts, example, privileged }: EventType): readonly string[] {
  const rows = Object.entries(facts).map(
    ([name, of]) => `| \`${name}\` | ${factWords(of)} | ${of.kind === 'optional' ? 'sometimes' : 'always'} |`,
  );
  const table = rows.length === 0 ? ['It has no facts.', ''] : ['| fact | holds | there |', '|---|---|---|', ...rows, ''];
  const shown = rows.length === 0 ? [] : ['```json', JSON.stringify(example), '```', ''];
  return [`### \`${type}\``, '', `${meaning}${privileged === true ? ' *Privileged.*' : ''}`, '', ...table, ...shown];
}
