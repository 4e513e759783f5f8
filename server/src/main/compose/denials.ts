// Writes denials of people into the log without letting a burst flood it: the first few as events of their own, the rest counted.
// INVARIANT: every denial is in the log of the tenant that denied, in an event or in the count of one, within the window or at the end of
// the process; however late, it says where somebody of another tenant is from.

import { type Clock, makeEvent, type PersonPrincipal, type Random, rolesOf } from '#core';
import { actingFor, type EventWriter } from '#storage';
import { visitorOf } from './visitor.ts';

export interface Denials {
  add(person: PersonPrincipal, what: { readonly action: string; readonly code: string }): void;
  /** Writes what was only counted. */
  flush(): void;
  stop(): void;
}

/** Denials of one session, tenant, action and code that are told one by one in a window. */
const TOLD_SINGLY = 3;
const WINDOW_MS = 60_000;
/** Different sessions, actions and codes counted at once; beyond it the oldest is written early. */
const MAX_KEYS = 5_000;

interface Counted {
  readonly person: PersonPrincipal;
  readonly action: string;
  readonly code: string;
  told: number;
  more: number;
}

export function createDenials({
  events,
  clock,
  random,
  onFault,
}: {
  readonly events: Pick<EventWriter, 'appendSoon'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly onFault: (fault: unknown) => void;
}): Denials {
  let counted = new Map<string, Counted>();

  function tell({ person, action, code }: Pick<Counted, 'person' | 'action' | 'code'>, times: number): void {
    const { tenant, session, device, proof } = person;
    const facts = { action, code, times, session, device, method: proof.method, roles: [...rolesOf(person)] };
    const event = makeEvent(
      { clock, random },
      {
        tenant,
        type: 'control.access.denied',
        actor: person.person,
        subject: person.person,
        public: facts,
      },
    );
    actingFor(visitorOf(person), () => events.appendSoon(event)).catch(onFault);
  }

  function flush(): void {
    const due = counted;
    counted = new Map();
    for (const one of due.values()) if (one.more > 0) tell(one, one.more);
  }

  const timer = setInterval(flush, WINDOW_MS);
  timer.unref();
  return {
    add(person, { action, code }) {
      const key = `${person.session} ${person.tenant} ${action} ${code}`;
      const held = counted.get(key) ?? { person, action, code, told: 0, more: 0 };
      if (!counted.has(key) && counted.size >= MAX_KEYS) flush();
      counted.set(key, held);
      if (held.told < TOLD_SINGLY) {
        held.told += 1;
        tell(held, 1);
      } else held.more += 1;
    },
    flush,
    stop() {
      clearInterval(timer);
      flush();
    },
  };
}
