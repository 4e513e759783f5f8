// People's rights put together: requests, the copy, the erasure, tasks of vendors, receipts.

import {
  type Clock,
  canonicalJson,
  type DeletionTaskId,
  type Digest,
  isRefusal,
  type JsonObject,
  makeEvent,
  type PersonId,
  type PersonPrincipal,
  type PrivacyRequestId,
  type Random,
  type Refusal,
  type TenantId,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { refusal } from '../errors.ts';
import { closeTask, halfErased, listTasks, moveRequest, type TaskRow } from '../store/requests.ts';
import { createDeletions, type DeletionDeps, type Deletions } from './deletions.ts';
import { type EraseDeps, type ErasureDone, erasePerson } from './erase.ts';
import { eraseShop } from './erase-shop.ts';
import { exportPerson, historyOf, type PersonExport } from './export.ts';
import { createHolds, type HoldDeps, type Holds } from './holds.ts';
import { createRequests, type RequestDeps, type Requests } from './requests.ts';

export interface RightsDeps
  extends Omit<EraseDeps, 'requests' | 'holds' | 'vault' | 'index' | 'deletions' | 'calls'>,
    Pick<HoldDeps, 'hasOthers' | 'sealChange'>,
    Pick<EraseDeps, 'index'> {
  readonly db: Pick<Database, 'inTenant'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly digest: Digest;
  readonly vault: EraseDeps['vault'] & HoldDeps['vault'] & RequestDeps['vault'];
  readonly calls: DeletionDeps['calls'];
}

export interface Rights {
  readonly requests: Requests;
  readonly holds: Holds;
  /** The copy, for a verified request; the first time closes it. */
  export(person: PersonPrincipal, id: PrivacyRequestId): Promise<PersonExport | Refusal>;
  erase(person: PersonPrincipal, id: PrivacyRequestId): Promise<ErasureDone | Refusal>;
  /** Deletions elsewhere, and erasures whose process died between their two looks. */
  round(tenant: TenantId): Promise<void>;
  tasks(tenant: TenantId, request: PrivacyRequestId | null): Promise<readonly TaskRow[]>;
  closeTask(person: PersonPrincipal, id: DeletionTaskId, note: string): Promise<TaskRow | Refusal>;
  /** Asks once more for the call of a task that came to nothing. */
  again(person: PersonPrincipal, id: DeletionTaskId): Promise<TaskRow | Refusal>;
  settled(): Promise<void>;
}

export function createRights(deps: RightsDeps): Rights {
  const { db, clock, digest } = deps;
  const requests = createRequests(deps);
  const holds = createHolds(deps);
  const deletions: Deletions = createDeletions(deps);
  const erasing: EraseDeps = { ...deps, requests, holds, deletions };
  /** Soon, and without holding up whoever waits for an answer. */
  const wake = (tenant: TenantId): void => void deletions.round(tenant);

  /** As whoever began it; what stops it now stops it again when they try. */
  async function finish(tenant: TenantId): Promise<void> {
    for (const id of await db.inTenant(tenant, (tx) => halfErased(tx, tenant))) {
      const shown = await requests.show(tenant, id);
      const { by } = (shown?.row.erased ?? {}) as { readonly by?: string };
      if (by !== undefined) await erasePerson(erasing, { tenant, person: by as PersonId }, id);
    }
  }

  return {
    requests,
    holds,
    async export(person, id) {
      const { tenant } = person;
      const asked = await db.inTenant(tenant, (tx) => requests.actedOn(tx, tenant, id));
      if (isRefusal(asked)) return asked;
      if (asked.row.kind !== 'export') return refusal('GOVERNANCE_REQUEST_STATE', { state: asked.row.state, kind: asked.row.kind });
      const found = await deps.index.find(tenant, asked.asked);
      if (isRefusal(found)) return found;
      const events = await historyOf(deps, tenant, found);
      return db.inTenant(tenant, async (tx) => {
        const held = await requests.actedOn(tx, tenant, id);
        if (isRefusal(held)) return held;
        const atMs = clock.now();
        const made = await exportPerson(deps, tx, { tenant, found, subject: asked.asked.text, events, madeAtMs: atMs });
        const hash = digest.sha256(canonicalJson(made as unknown as JsonObject));
        const facts = { request: id, items: { ...made.items }, withheld: made.withheld.length, digest: hash };
        const event = makeEvent(deps, { tenant, type: 'governance.person.exported', actor: person.person, subject: id, public: facts });
        await appendEvents(tx, [event]);
        if (held.row.state === 'verified') {
          const receipt = { json: canonicalJson({ v: 1, ...facts, exportedAt: made.madeAt }), event: event.id };
          await moveRequest(tx, tenant, id, { state: 'done', by: person.person, at: new Date(atMs), receipt });
        }
        return made;
      });
    },
    erase: async (person, id) => {
      const shown = await requests.show(person.tenant, id);
      const erased = await (shown?.row.kind === 'shop' ? eraseShop(erasing, person, id) : erasePerson(erasing, person, id));
      wake(person.tenant);
      return erased;
    },
    round: async (tenant) => {
      await finish(tenant).catch(deps.calls.onFault);
      await deletions.round(tenant);
    },
    settled: deletions.settled,
    tasks: (tenant, request) => db.inTenant(tenant, (tx) => listTasks(tx, tenant, request)),
    closeTask: (person, id, note) =>
      db.inTenant(person.tenant, async (tx) => {
        const { tenant } = person;
        const task = await closeTask(tx, tenant, { id, by: person.person, at: new Date(clock.now()), note });
        if (task === null) return refusal('GOVERNANCE_TASK_UNKNOWN');
        await deletions.forget(tx, tenant, id, task.approval);
        const facts = { request: task.request, vendor: task.vendor };
        await appendEvents(tx, [
          makeEvent(deps, {
            tenant,
            type: 'governance.task.closed',
            actor: person.person,
            subject: id,
            public: facts,
            sealed: await deps.sealChange(tx, person, { before: { state: 'open' }, after: { state: 'done', note } }),
          }),
        ]);
        return task;
      }),
    async again(person, id) {
      const { tenant } = person;
      const refused = await deletions.again(person, id);
      if (refused !== null) return refused;
      await deletions.round(tenant);
      const task = (await db.inTenant(tenant, (tx) => listTasks(tx, tenant, null))).find((one) => one.id === id);
      return task ?? refusal('GOVERNANCE_TASK_UNKNOWN');
    },
  };
}
