// What people ask about their data: received, verified, done or refused, each within its time. Who asked is sealed under a key of the
// request, which goes when the person is erased.
// INVARIANT: nothing is exported or erased for a request before somebody said how they made sure who asks.

import {
  type Clock,
  isRefusal,
  makeEvent,
  newId,
  type PersonPrincipal,
  type PrivacyRequestId,
  type Random,
  type Refusal,
  type SealChangeOf,
  type TenantId,
  type Tx,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { refusal } from '../errors.ts';
import { findRequest, insertRequest, listRequests, moveRequest, type RequestKind, type RequestRow } from '../store/requests.ts';
import { type AskedSubject, parseSubject } from './identify.ts';
import type { SubjectIndex } from './subject-index.ts';

/** A month (GDPR Art. 12(3)), counted as the shortest reading of it. */
export const DUE_MS = 30 * 24 * 60 * 60_000;
/** How somebody made sure who asks. */
export const VERIFIED_HOW = ['account', 'callback', 'document', 'in_person', 'platform', 'operator'] as const;
export type VerifiedHow = (typeof VERIFIED_HOW)[number];
export const REFUSED_WHY = ['not_verified', 'not_the_person', 'unfounded', 'legal_duty', 'held', 'withdrawn'] as const;
export type RefusedWhy = (typeof REFUSED_WHY)[number];

export interface RequestDeps {
  readonly db: Pick<Database, 'inTenant'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: {
    seal(tx: Tx, value: { tenant: TenantId; subject: string | null; purpose: string; plaintext: Uint8Array }): Promise<Uint8Array>;
    openMany(tx: Tx, value: { tenant: TenantId; purpose: string; sealed: readonly Uint8Array[] }): Promise<readonly (Uint8Array | null)[]>;
  };
  readonly index: Pick<SubjectIndex, 'blindOf'>;
  readonly sealChange: SealChangeOf;
}

/** What a shop says by a signed delivery, or a person at the counter. */
export interface NewRequest {
  readonly tenant: TenantId;
  readonly kind: RequestKind;
  /** `null`: of the shop as a whole. */
  readonly subject: string | null;
  /** `person`, or `hook:<integration>:<delivery>`; of one delivery there is one request. */
  readonly source: string;
  readonly actor: string;
}

export interface Requests {
  open(request: NewRequest): Promise<{ readonly id: PrivacyRequestId; readonly isNew: boolean } | Refusal>;
  openIn(tx: Tx, request: NewRequest): Promise<{ readonly id: PrivacyRequestId; readonly isNew: boolean } | Refusal>;
  verify(person: PersonPrincipal, id: PrivacyRequestId, how: VerifiedHow): Promise<Refusal | null>;
  refuse(person: PersonPrincipal, id: PrivacyRequestId, why: RefusedWhy): Promise<Refusal | null>;
  list(tenant: TenantId): Promise<readonly RequestRow[]>;
  show(tenant: TenantId, id: PrivacyRequestId): Promise<{ readonly row: RequestRow; readonly subject: string | null } | null>;
  /** Whom a request is about, when it may be acted on. */
  actedOn(tx: Tx, tenant: TenantId, id: PrivacyRequestId): Promise<{ readonly row: RequestRow; readonly asked: AskedSubject } | Refusal>;
}

export const requestKey = (id: PrivacyRequestId): string => `request:${id}`;
export const purposeOfSubject = (id: string): string => `governance_requests.sealed_subject/${id}`;
const MAX_LISTED = 500;

export function createRequests(deps: RequestDeps): Requests {
  const { db, clock, random, vault, index } = deps;

  async function subjectOf(tx: Tx, tenant: TenantId, row: RequestRow): Promise<string | null> {
    if (row.sealedSubject === null) return null;
    const [plain = null] = await vault.openMany(tx, { tenant, purpose: purposeOfSubject(row.id), sealed: [row.sealedSubject] });
    return plain === null ? null : Buffer.from(plain).toString('utf8');
  }

  async function openIn(tx: Tx, { tenant, kind, subject, source, actor }: NewRequest) {
    const asked = subject === null ? null : parseSubject(subject);
    if (asked !== null && isRefusal(asked)) return asked;
    const id = newId('dsr', clock, random);
    const receivedMs = clock.now();
    const plaintext = Buffer.from(asked?.text ?? '');
    const isNew = await insertRequest(tx, tenant, {
      ...{ id, kind, source },
      sealedSubject:
        asked === null ? null : await vault.seal(tx, { tenant, subject: requestKey(id), purpose: purposeOfSubject(id), plaintext }),
      subject: asked === null ? null : await index.blindOf(tx, tenant, asked),
      receivedAt: new Date(receivedMs),
      receivedBy: actor,
      dueAt: new Date(receivedMs + DUE_MS),
    });
    if (!isNew) {
      const known = (await listRequests(tx, tenant, { subjects: null, limit: MAX_LISTED })).find((row) => row.source === source);
      return { id: known?.id ?? id, isNew };
    }
    const facts = { request: id, kind, source: source.split(':', 1)[0] as string, dueAt: new Date(receivedMs + DUE_MS).toISOString() };
    await appendEvents(tx, [makeEvent(deps, { tenant, type: 'governance.request.received', actor, subject: id, public: facts })]);
    return { id, isNew };
  }

  const move = (
    person: PersonPrincipal,
    id: PrivacyRequestId,
    to: { readonly state: 'verified'; readonly how: VerifiedHow } | { readonly state: 'refused'; readonly reason: RefusedWhy },
  ): Promise<Refusal | null> =>
    db.inTenant(person.tenant, async (tx) => {
      const { tenant } = person;
      const row = await findRequest(tx, tenant, id, 'hold');
      if (row === null) return refusal('GOVERNANCE_REQUEST_UNKNOWN');
      const mayMove = row.state === 'received' || (row.state === 'verified' && to.state === 'refused');
      if (!mayMove) return refusal('GOVERNANCE_REQUEST_STATE', { state: row.state });
      await moveRequest(tx, tenant, id, { ...to, by: person.person, at: new Date(clock.now()) });
      const { state, ...said } = to;
      const sealed = await deps.sealChange(tx, person, { before: { state: row.state }, after: { state } });
      const facts = { request: id, ...said };
      await appendEvents(tx, [
        makeEvent(deps, { tenant, type: `governance.request.${state}`, actor: person.person, subject: id, public: facts, sealed }),
      ]);
      return null;
    });

  return {
    openIn,
    open: (request) => db.inTenant(request.tenant, (tx) => openIn(tx, request)),
    verify: (person, id, how) => move(person, id, { state: 'verified', how }),
    refuse: (person, id, reason) => move(person, id, { state: 'refused', reason }),
    list: (tenant) => db.inTenant(tenant, (tx) => listRequests(tx, tenant, { subjects: null, limit: MAX_LISTED })),
    show: (tenant, id) =>
      db.inTenant(tenant, async (tx) => {
        const row = await findRequest(tx, tenant, id);
        return row === null ? null : { row, subject: await subjectOf(tx, tenant, row) };
      }),
    async actedOn(tx, tenant, id) {
      const row = await findRequest(tx, tenant, id, 'hold');
      if (row === null) return refusal('GOVERNANCE_REQUEST_UNKNOWN');
      const text = await subjectOf(tx, tenant, row);
      // A copy may be handed over again while it is known whom it is about.
      const isOpen = row.state === 'verified' || (row.state === 'done' && row.kind === 'export');
      if (!isOpen || text === null) return refusal('GOVERNANCE_REQUEST_STATE', { state: row.state });
      const asked = parseSubject(text);
      return isRefusal(asked) ? asked : { row, asked };
    },
  };
}
