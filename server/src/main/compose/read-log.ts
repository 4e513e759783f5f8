// The log as a breach reads it: events of some types in a time, of one actor or integration where asked, with who acted by reference.

import { readPayload } from '#audit';
import { isObject, type JsonObject, type TenantId } from '#core';
import type { Criteria } from '#governance';
import type { Database } from '#storage';
import { ownersOfTokens } from '#vault';
import { openDetails } from './change-records.ts';
import type { Rooms } from './rooms.ts';

interface LogEvent {
  readonly seq: number;
  readonly type: string;
  readonly at: string;
  readonly by: string;
  readonly about: string;
  readonly facts: JsonObject;
}

const PAGE = 500;
/** Events read for one answer; beyond, it says that it is not complete. */
const MAX_EVENTS = 100_000;

export function logOf({ search, ledger }: Pick<Rooms, 'search' | 'ledger'>) {
  return async (
    tenant: TenantId,
    { types, fromMs, toMs, actor, integration }: Criteria & { readonly types: readonly string[] },
  ): Promise<{ readonly events: readonly LogEvent[]; readonly complete: boolean }> => {
    const found: LogEvent[] = [];
    let complete = true;
    for (const type of types) {
      const question = { type, fromMs, toMs, actor, resource: integration };
      for (let before: number | null = null; ; ) {
        const page = await search.page(tenant, question, { before, limit: PAGE });
        for (const { seq, entry } of page.events) {
          // A type also answers for those that begin with it.
          if (entry.type !== type) continue;
          const { at, actor: by, subject, public: facts } = entry;
          found.push({ seq, type, at: String(at), by: String(by), about: String(subject), facts: facts as JsonObject });
        }
        before = page.next;
        if (before === null) break;
        if (found.length >= MAX_EVENTS) {
          complete = false;
          break;
        }
      }
    }
    const who = await ledger.actorsBehind(tenant, [...new Set(found.map(({ by }) => by))]);
    const events = found.map((event) => ({ ...event, by: (who.get(event.by) ?? event.by).replace(/^(?:person|workload):/, '') }));
    return { events: events.sort((one, other) => one.seq - other.seq), complete };
  };
}

/** Whose values were opened by the tokens that stand sealed beside these events; nothing of those whose details were erased. */
export function openedTokensOf({ vault }: Pick<Rooms, 'vault'>, db: Pick<Database, 'inTenant'>) {
  return (tenant: TenantId, events: readonly { readonly seq: number; readonly purpose: string }[]) =>
    db.inTenant(tenant, async (tx) => {
      const found = new Map<number, Awaited<ReturnType<typeof ownersOfTokens>>>();
      for (const { seq, purpose } of events) {
        const kept = await readPayload(tx, tenant, seq);
        const details = kept?.payload == null ? null : await openDetails(vault, tx, { tenant, payload: kept.payload });
        const tokens = details !== null && isObject(details.after) && Array.isArray(details.after.tokens) ? details.after.tokens : [];
        const named = tokens.filter((token): token is string => typeof token === 'string');
        if (named.length > 0) found.set(seq, await ownersOfTokens(tx, tenant, purpose, named));
      }
      return found;
    });
}
