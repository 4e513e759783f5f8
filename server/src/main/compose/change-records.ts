// Records what people change: the event in the open, and sealed beside it what was before and after, from where and why.
// INVARIANT: the sealed part is under a key of the person who acted, so that erasing the person leaves the event and takes the rest.

import {
  type Change,
  type JsonObject,
  type JsonValue,
  makeEvent,
  type NewEvent,
  type PersonPrincipal,
  parseOwnJson,
  rolesOf,
  type SealChange,
  type SealChangeOf,
  type Tx,
} from '#core';
import { appendEvents } from '#storage';
import type { Vault } from '#vault';
import { systemWorld } from '../world.ts';

/** The vault opens a value only for the purpose it was sealed for. */
const PURPOSE = 'event.change';

/** What is sealed beside the event of a change. */
export interface ChangeDetails {
  readonly before: JsonValue;
  readonly after: JsonValue;
  readonly device: string | null;
  readonly address: string | null;
  readonly reason: string | null;
  /** What the person acted with: the session and how it was opened, the key of the browser or that there is none, the roles held then. */
  readonly actor?: { readonly session: string; readonly method: string; readonly device: string; readonly roles: readonly string[] };
}

/** Whose key the details are under, as an erasure names it. */
export const changeSubject = (person: string): string => `person:${person}`;

export function createSealChange(vault: Pick<Vault, 'seal'>): SealChangeOf {
  return (tx, who, { before, after }) => {
    const { tenant, person, via, session, proof, device } = who;
    const details: ChangeDetails = {
      before,
      after,
      device: via?.device ?? null,
      address: via?.address ?? null,
      reason: via?.reason ?? null,
      actor: { session, method: proof.method, device: device ?? 'unbound', roles: [...rolesOf(who)] },
    };
    const plaintext = Buffer.from(JSON.stringify(details));
    return vault.seal(tx, { tenant, subject: changeSubject(person), purpose: PURPOSE, plaintext });
  };
}

/** For a room that writes its own event: seals under the key of this person. */
export function sealFor({ sealChange }: { readonly sealChange: SealChangeOf }, person: PersonPrincipal): SealChange {
  return (tx, change) => sealChange(tx, person, change);
}

export interface RecordedChange extends Change {
  readonly person: PersonPrincipal;
  readonly type: string;
  readonly subject: string;
  readonly public: JsonObject;
}

/** Writes the event of a change that main itself makes, in the transaction of the change. */
export async function recordChange(rooms: { readonly sealChange: SealChangeOf }, tx: Tx, change: RecordedChange): Promise<void> {
  const { person, type, subject, public: facts } = change;
  const event: NewEvent = makeEvent(systemWorld, {
    tenant: person.tenant,
    type,
    actor: person.person,
    subject,
    public: facts,
    sealed: await rooms.sealChange(tx, person, change),
  });
  await appendEvents(tx, [event]);
}

/** The details of an event, `null` when the key they were sealed under is gone. */
export async function openDetails(
  vault: Pick<Vault, 'open'>,
  tx: Tx,
  { tenant, payload }: { tenant: PersonPrincipal['tenant']; payload: Uint8Array },
): Promise<ChangeDetails | null> {
  try {
    const opened = await vault.open(tx, { tenant, purpose: PURPOSE, sealed: payload });
    return parseOwnJson(Buffer.from(opened).toString('utf8')) as unknown as ChangeDetails;
  } catch (fault) {
    if ((fault as { code?: unknown }).code === 'VAULT_SUBJECT_ERASED') return null;
    throw fault;
  }
}
