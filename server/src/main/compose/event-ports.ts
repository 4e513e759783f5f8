// Searching the log for the control plane: every look at it is recorded before its answer leaves, and every export with how far it came.

import { cursorAt, type EventQuestion, LISTINGS, MAX_PAGE, queryOf, readCursor, subjectOf } from '#audit';
import type { EventPorts, EventQuery } from '#control';
import { formatTime, isRefusal, type JsonObject, makeEvent, type PersonPrincipal, type TenantId } from '#core';
import { systemWorld } from '../world.ts';
import type { Rooms } from './rooms.ts';
import { whileWelcome } from './tenant-ports.ts';

export function eventPorts(rooms: Rooms): EventPorts {
  const { search, reads } = rooms;

  const behind = async (tenant: TenantId, pseudonyms: readonly string[]): Promise<(pseudonym: string) => string | null> => {
    const known = await rooms.ledger.actorsBehind(tenant, [...new Set(pseudonyms)]);
    return (pseudonym) => known.get(pseudonym) ?? null;
  };

  const append = (person: PersonPrincipal, type: string, facts: JsonObject): Promise<void> =>
    rooms.events.append(
      makeEvent(systemWorld, { tenant: person.tenant, type, actor: person.person, subject: person.tenant, public: facts }),
    );

  /** Pages, facets and exports of one question are one look at it. */
  const recordRead = (person: PersonPrincipal, question: EventQuestion): Promise<void> =>
    reads.once(person, reads.keyOf(question), () => append(person, 'audit.log.read', reads.factsOf(question)));

  async function* lines(person: PersonPrincipal, question: EventQuery, format: keyof typeof LISTINGS): AsyncGenerator<string> {
    const { header, line } = LISTINGS[format];
    let [events, isComplete] = [0, false];
    try {
      if (header !== '') yield header;
      for (let before: number | null = null; ; ) {
        const page = await search.page(person.tenant, question, { before, limit: MAX_PAGE });
        const by = await behind(
          person.tenant,
          page.events.map(({ entry }) => String(entry.actor)),
        );
        if (page.events.length > 0) yield page.events.map((event) => line({ ...event, by: by(String(event.entry.actor)) })).join('');
        events += page.events.length;
        rooms.surroundings.risk.read(person, page.events.length);
        before = page.next;
        if (before === null) break;
      }
      isComplete = true;
    } finally {
      // Also when the other end went away: what left has left.
      await append(person, 'audit.log.exported', { ...reads.factsOf(question), format, events, complete: isComplete });
    }
  }

  return {
    events: {
      page: async (person, question, { before, limit, passes = false }) => {
        const from = before === null ? null : readCursor(question, before);
        if (isRefusal(from)) return from;
        if (from === null) await recordRead(person, question);
        const page = await search.page(person.tenant, question, { before: from, limit });
        // The newest page is what an open console shows again every few seconds; whoever takes much out goes on to older ones.
        if (from !== null && !passes) rooms.surroundings.risk.read(person, page.events.length);
        const by = await behind(
          person.tenant,
          page.events.map(({ entry }) => String(entry.actor)),
        );
        return {
          events: page.events.map(({ seq, entry, privileged }) => ({ seq, entry, by: by(String(entry.actor)), privileged })),
          next: page.next === null ? null : cursorAt(question, page.next),
          scanned: page.scanned,
        };
      },
      cursor: cursorAt,
      took: (person, events) => rooms.surroundings.risk.read(person, events),
      facets: async (person, question) => {
        await recordRead(person, question);
        const { facets, ...counted } = await search.count(person.tenant, question);
        const by = await behind(
          person.tenant,
          facets.actor.map(({ value }) => value),
        );
        return { ...counted, facets: { ...facets, actor: mergeNames(facets.actor.map((one) => ({ ...one, by: by(one.value) }))) } };
      },
      looked: (person, seq) => reads.once(person, `event ${seq}`, () => append(person, 'audit.event.read', { seq })),
      business: async (person, window) => {
        const figures = await rooms.ledger.business(person.tenant, window);
        return {
          from: formatTime(window.fromMs),
          to: formatTime(window.toMs),
          figures: figures.map(({ question, ...figure }) => ({ ...figure, query: queryOf({ ...question, ...window }) })),
        };
      },
      export: async (person, question, format) => {
        await recordRead(person, question);
        return whileWelcome(rooms, person, lines(person, question, format));
      },
    },
  };
}

interface ActorFacet {
  readonly value: string;
  readonly count: number;
  readonly by: string | null;
}

/** Events name a person with and without the word in front, under a pseudonym each: one line for one person, whose value finds both. */
function mergeNames(facets: readonly ActorFacet[]): readonly ActorFacet[] {
  const groups = Map.groupBy(facets, ({ value, by }) => (by === null ? value : subjectOf(by)));
  return [...groups]
    .map(([name, group]) => {
      const [only] = group;
      if (group.length === 1 && only !== undefined) return only;
      return { value: name, by: name, count: group.reduce((sum, { count }) => sum + count, 0) };
    })
    .sort((left, right) => right.count - left.count);
}
