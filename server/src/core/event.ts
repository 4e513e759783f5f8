// The event envelope every room writes into the inbox. A room lists its own types in its `events.ts`.
// INVARIANT: `public` holds references, codes and counts only; anything personal goes into `sealed`, which can be erased.

import type { FactShapes } from './event-facts.ts';
import { type EventId, newId, type TenantId } from './ids.ts';
import type { JsonObject } from './json.ts';
import type { Clock, Random, UnixMs } from './ports.ts';

export interface NewEvent {
  readonly id: EventId;
  readonly tenant: TenantId;
  /** `<room>.<noun>.<past participle>`, e.g. `enforcement.call.intended`. */
  readonly type: string;
  readonly occurredAtMs: UnixMs;
  /** Reference of who acted, e.g. `workload:wkl_...`; the ledger replaces it by a pseudonym. */
  readonly actor: string;
  /** Reference of what it is about, e.g. a call id. Events of one subject share it. */
  readonly subject: string;
  readonly public: JsonObject;
  /** Optional payload that the ledger commits to with a salt and that may later be erased. Already encrypted by the vault where personal. */
  readonly sealed: Uint8Array | null;
}

/** An event that happens now. Without `sealed` it has no payload. */
export function makeEvent(
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  event: Omit<NewEvent, 'id' | 'occurredAtMs' | 'sealed'> & Partial<Pick<NewEvent, 'sealed'>>,
): NewEvent {
  return { sealed: null, ...event, id: newId('evt', clock, random), occurredAtMs: clock.now() };
}

export interface EventType {
  readonly type: string;
  /** One sentence for the docs and the console. */
  readonly meaning: string;
  /** Every member `public` may have. Members are required unless they are optional; one that is not here is refused. */
  readonly facts: FactShapes;
  /** A `public` that fits, for the docs. */
  readonly example: JsonObject;
  /** An act by which a person changes what others may do or see. */
  readonly privileged?: true;
}

export type EventCatalogue = readonly EventType[];
