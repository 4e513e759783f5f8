// Which events there are: the rooms' catalogues as one, and the test that an event is one of them. Pure.
// INVARIANT: an event that no room declared, or with a fact its type does not declare, has no way through this test.

import type { EventCatalogue, NewEvent } from './event.ts';
import { compileFact, type FactCheck, isEvidenceValue, isMemberName } from './event-facts.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type { Evidence } from './refusal.ts';

/** Why an event may not be written. `member` names what does not fit, never its value. */
export type EventFault = { readonly kind: 'unknown' } | { readonly kind: 'malformed'; readonly member: string };

export type EventCheck = (event: Pick<NewEvent, 'type' | 'actor' | 'subject' | 'public'>) => EventFault | null;

interface Compiled {
  readonly checks: ReadonlyMap<string, FactCheck>;
  readonly required: readonly string[];
}

const TYPE = /^[a-z]+(?:\.[a-z][a-z_]*){2}$/;
/** Who and about what: a reference or a name, with its kind in front where needed. */
const PARTY = /^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,199}$/;
const UNKNOWN: EventFault = Object.freeze({ kind: 'unknown' });

/** The catalogues of all rooms by the name of the room. A type begins with its owner, and has one. */
export function joinCatalogues(rooms: Readonly<Record<string, EventCatalogue>>): EventCatalogue {
  const seen = new Set<string>();
  for (const [room, catalogue] of Object.entries(rooms)) {
    for (const { type } of catalogue) {
      if (!TYPE.test(type) || !type.startsWith(`${room}.`)) throw new Error(`${type} is not the name of an event of ${room}`);
      if (seen.has(type)) throw new Error(`${type} is declared twice`);
      seen.add(type);
    }
  }
  return Object.freeze(Object.values(rooms).flat());
}

/** The test of events of this catalogue; made once, asked for every event. */
export function compileCatalogue(catalogue: EventCatalogue): EventCheck {
  const types = new Map<string, Compiled>();
  for (const { type, facts } of catalogue) {
    const shapes = Object.entries(facts);
    types.set(type, {
      checks: new Map(shapes.map(([name, of]) => [name, compileFact(of)])),
      required: shapes.flatMap(([name, of]) => (of.kind === 'optional' ? [] : [name])),
    });
  }
  return (event) => {
    const known = types.get(event.type);
    if (known === undefined) return UNKNOWN;
    if (!PARTY.test(event.subject)) return malformed('subject');
    if (!PARTY.test(event.actor)) return malformed('actor');
    return firstUnfit(known, event.public);
  };
}

export function checkEvent(catalogue: EventCatalogue, event: Parameters<EventCheck>[0]): EventFault | null {
  return compileCatalogue(catalogue)(event);
}

function firstUnfit({ checks, required }: Compiled, facts: JsonObject): EventFault | null {
  for (const name of Object.keys(facts)) {
    const check = checks.get(name);
    if (check === undefined) return malformed(isMemberName(name) ? name : 'a member');
    if (!check(facts[name] as JsonValue)) return malformed(name);
  }
  for (const name of required) if (!Object.hasOwn(facts, name)) return malformed(name);
  return null;
}

function malformed(member: string): EventFault {
  return { kind: 'malformed', member };
}

/** Types of acts by which people change what others may do or see. */
export function privilegedTypes(catalogue: EventCatalogue): readonly string[] {
  return catalogue.flatMap(({ type, privileged }) => (privileged === true ? [type] : []));
}

/** What of a refusal's evidence may be sealed for ever. Whatever is no name, number or amount stays out, and is named as withheld. */
export function publicEvidence(evidence: Evidence): JsonObject {
  const kept: [string, JsonValue][] = [];
  const withheld: string[] = [];
  for (const [name, value] of Object.entries(evidence)) {
    if (!isMemberName(name)) withheld.push('member');
    else if (isEvidenceValue(value)) kept.push([name, value]);
    else withheld.push(name);
  }
  return { ...Object.fromEntries(kept), ...(withheld.length === 0 ? {} : { withheld: [...new Set(withheld)] }) };
}
