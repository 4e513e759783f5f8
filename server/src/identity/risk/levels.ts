// The risk of every session about which something was noticed, in memory and true to the database. Reads only; `risk.ts` writes.

import {
  type Clock,
  createInOrder,
  type PersonId,
  type PersonPrincipal,
  type Risk,
  type SessionId,
  type TenantId,
  type Tx,
  type UnixMs,
} from '#core';
import { type Database, follow, notify } from '#storage';
import { FEED_GRACE_MS } from '../follow.ts';
import { type RiskRow, readRisks } from '../store/risk.ts';

const CHANNEL = 'sallyport_risk';

export interface NotedRisk {
  readonly tenant: TenantId;
  readonly session: SessionId;
  readonly person: PersonId;
  readonly level: Risk;
  readonly signals: readonly string[];
  readonly raisedAtMs: UnixMs;
  readonly clearedAtMs: UnixMs | null;
  readonly clearedBy: string | null;
}

export interface Levels {
  find(session: SessionId): NotedRisk | null;
  list(tenant: TenantId): readonly NotedRisk[];
  /** With what a passkey used since has made of it, whether or not that is written yet. */
  of(person: Pick<PersonPrincipal, 'session' | 'proof'>): Risk;
  isLost(): boolean;
  /** In the transaction of a change. */
  announce(tx: Tx, tenant: TenantId, session: SessionId): Promise<void>;
  /** Reads one now: for whoever has just changed it. */
  refresh(tenant: TenantId, session: SessionId): Promise<void>;
  close(): Promise<void>;
}

export function noted(row: RiskRow): NotedRisk {
  return {
    tenant: row.tenant,
    session: row.session,
    person: row.person,
    level: row.level,
    signals: row.signals,
    raisedAtMs: row.raised_at.getTime(),
    clearedAtMs: row.cleared_at?.getTime() ?? null,
    clearedBy: row.cleared_by,
  };
}

export const isConfirmedSince = (risk: Pick<NotedRisk, 'raisedAtMs'>, passkeyAtMs: UnixMs | null): boolean =>
  passkeyAtMs !== null && passkeyAtMs > risk.raisedAtMs;

export async function followLevels({
  db,
  clock,
  onFault,
}: {
  readonly db: Database;
  readonly clock: Clock;
  readonly onFault: (fault: unknown) => void;
}): Promise<Levels> {
  let known = new Map<SessionId, NotedRisk>();
  const { run: inOrder, idle } = createInOrder();
  const reload = async (): Promise<void> => {
    const rows = await db.asSystem('authenticator', (tx) => readRisks(tx, null));
    known = new Map(rows.map((row) => [row.session, noted(row)]));
  };
  const refresh = (tenant: TenantId, session: SessionId): Promise<void> =>
    inOrder(async () => {
      const [row] = await db.asSystem('authenticator', (tx) => readRisks(tx, { tenant, session }));
      if (row === undefined) known.delete(session);
      else known.set(session, noted(row));
    });
  const hear = async (payload: string): Promise<void> => {
    const [tenant, session] = payload.split(' ');
    if (tenant !== undefined && session !== undefined) await refresh(tenant as TenantId, session as SessionId);
  };
  const feed = await follow({ db, clock, channel: CHANNEL, hear, reload: () => inOrder(reload), onFault });
  return {
    find: (session) => known.get(session) ?? null,
    list: (tenant) => [...known.values()].filter((one) => one.tenant === tenant),
    of({ session, proof }) {
      const risk = known.get(session);
      if (risk === undefined) return 'none';
      return isConfirmedSince(risk, proof.passkeyAtMs) ? 'none' : risk.level;
    },
    isLost: () => feed.lostAtMs !== null && clock.now() - feed.lostAtMs > FEED_GRACE_MS,
    announce: (tx, tenant, session) => notify(tx, CHANNEL, `${tenant} ${session}`),
    refresh,
    async close() {
      await feed.close();
      await idle();
    },
  };
}
