// The event of a change of access, with what was before and after sealed beside it.

import {
  type Change,
  type Clock,
  type JsonObject,
  makeEvent,
  type NewEvent,
  type Random,
  type SealChange,
  type TenantId,
  type Tx,
} from '#core';

export interface Told {
  /** Without the room. */
  readonly type: string;
  readonly subject: string;
  readonly facts: JsonObject;
  readonly change: Change;
}

export async function accessEvent(
  { clock, random, tx }: { readonly clock: Clock; readonly random: Random; readonly tx: Tx },
  { tenant, actor, seal }: { readonly tenant: TenantId; readonly actor: string; readonly seal?: SealChange },
  { type, subject, facts, change }: Told,
): Promise<NewEvent> {
  const sealed = (await seal?.(tx, change)) ?? null;
  return makeEvent({ clock, random }, { tenant, type: `identity.${type}`, actor, subject, public: facts, sealed });
}
