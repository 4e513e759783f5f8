// The life of a workflow's versions: imported as a draft, approved by a person for one hash, published, retired; and paused as a whole.
// INVARIANT: every change is a person's and writes its event in the same transaction.

import {
  type Change,
  type Endorsable,
  isRefusal,
  newId,
  type PasskeyAssertion,
  type Principal,
  type Refusal,
  refuse,
  type SealChange,
  type TenantId,
  type Tx,
} from '#core';
import { type CheckedApproval, checkApproval, lapsed, notSigned } from './approval.ts';
import { approvableVersion, approveVersion, SHIPPED } from './approve-version.ts';
import { hashBundle, openBundle } from './bundle.ts';
import { integrationsOf, type WorkflowDefinition } from './definition.ts';
import { withPlaces } from './locate-problems.ts';
import { parseDefinition } from './parse-definition.ts';
import type { RegistryDeps } from './ports.ts';
import { publishHash } from './publication.ts';
import { notAPerson, recordOf, unknown, wrongState } from './record.ts';
import { claimName } from './store/samples.ts';
import * as store from './store/versions.ts';
import { listWorkflowFlags } from './store/workflow-names.ts';
import { readVersion } from './verify-version.ts';

export interface Registry {
  list(tenant: TenantId): Promise<readonly ListedVersion[]>;
  show(tenant: TenantId, name: string, hash: string | null): Promise<VersionDetails | Refusal>;
  /** Sample data is imported by the demo alone; its names and those of other workflows never mix. */
  importBundle(by: Principal, files: Readonly<Record<string, string>>, kind?: 'ordinary' | 'sample'): Promise<store.VersionRow | Refusal>;
  /** Signed by whoever has a passkey. A version whose approval does not hold any more is approved anew. */
  approve(by: Principal, name: string, hash: string, assertion?: PasskeyAssertion): Promise<store.VersionRow | Refusal>;
  /** The demo's own workflow, of whoever starts the demo; no passkey is asked for it. For sample data only. */
  approveSample(by: Principal, name: string, hash: string): Promise<store.VersionRow | Refusal>;
  /** What this person's passkey would sign to approve it now; a refusal when they may not. */
  approvable(by: Principal, name: string, hash: string): Promise<Endorsable | Refusal>;
  publish(by: Principal, name: string, hash: string): Promise<store.VersionRow | Refusal>;
  retire(by: Principal, name: string, hash: string): Promise<store.VersionRow | Refusal>;
  setPaused(by: Principal, name: string, isPaused: boolean): Promise<{ readonly name: string; readonly isPaused: boolean } | Refusal>;
}

export interface ListedVersion extends store.VersionRow {
  readonly isPaused: boolean;
  readonly isSample: boolean;
}

export interface VersionDetails extends ListedVersion {
  /** What the approval is worth now: computed, not remembered. */
  readonly approval: CheckedApproval;
  /** The stored text of each file, as it was hashed. */
  readonly files: Readonly<Record<string, string>>;
  /** `null` when the stored files no longer make the workflow that was imported. */
  readonly definition: WorkflowDefinition | null;
}

/** A published workflow calls under a key that is renewed whenever a version is published. */
const KEY_LIFETIME_MS = 365 * 24 * 60 * 60 * 1000;

export function createRegistry(deps: RegistryDeps): Registry {
  const { database, clock } = deps;
  const record = recordOf(deps);

  return {
    list: (tenant) =>
      database.inTenant(tenant, async (tx) => {
        const rows = await store.listVersions(tx, tenant, null);
        const workflows = new Map((await listWorkflowFlags(tx, tenant)).map((flags) => [flags.name, flags]));
        return rows.map((row) => ({ ...row, ...flagsOf(workflows.get(row.name)) }));
      }),

    show: (tenant, name, hash) =>
      database.inTenant(tenant, async (tx) => {
        const newest = (await store.listVersions(tx, tenant, name)).at(0)?.hash;
        const wanted = hash ?? (await store.findPublished(tx, tenant, name))?.hash ?? newest;
        const version = wanted === undefined ? null : await store.findVersion(tx, tenant, name, wanted);
        if (version === null) return unknown();
        const definition = await readVersion(deps, tx, tenant, name, version.hash);
        return {
          ...version,
          ...flagsOf(await store.findWorkflow(tx, tenant, name)),
          approval: await checkApproval(deps, tx, tenant, version),
          files: await store.readFiles(tx, tenant, name, version.hash),
          definition: isRefusal(definition) ? null : definition,
        };
      }),

    async importBundle(by, files, kind = 'ordinary') {
      if (by.kind !== 'person') return notAPerson();
      const bundle = openBundle(files);
      if (isRefusal(bundle)) return bundle;
      const definition = parseDefinition(bundle);
      if (isRefusal(definition)) return withPlaces(bundle, definition);
      const hash = hashBundle(bundle, deps.digest);
      const { tenant, person } = by;
      const { name } = definition;
      return database.inTenant(tenant, async (tx) => {
        if (!(await claimName(tx, tenant, name, kind === 'sample'))) return nameTaken(name, kind);
        const isNew = await store.insertVersion(tx, {
          tenant,
          name,
          hash,
          by: person,
          atMs: clock.now(),
          files: bundle.files,
          listens: definition.listens,
        });
        const change = { before: null, after: { name, hash, state: 'draft', files: Object.keys(bundle.files).sort() } };
        if (isNew) await record(tx, by, { type: 'version.imported', name, facts: { hash }, change });
        return (await store.findVersion(tx, tenant, name, hash)) ?? unknown();
      });
    },

    approve: (by, name, hash, assertion) => approveVersion(deps, by, { name, hash, assertion }),
    approveSample: (by, name, hash) => approveVersion(deps, by, { name, hash, assertion: SHIPPED }),
    approvable: (by, name, hash) => approvableVersion(deps, by, { name, hash }),

    async publish(by, name, hash) {
      if (by.kind !== 'person') return notAPerson();
      const { tenant, person } = by;
      const publishable = async (tx: Tx) => {
        const version = await store.findVersion(tx, tenant, name, hash);
        const workflow = await store.findWorkflow(tx, tenant, name);
        if (version === null || workflow === null) return unknown();
        // A retired one was approved before; its signature is checked again below, at the start of every run and at every step.
        if (version.state !== 'approved' && version.state !== 'retired') return wrongState(version.state);
        const { state } = await checkApproval(deps, tx, tenant, version);
        if (state !== 'valid') return state === 'lapsed' ? lapsed(name, hash) : notSigned(name, hash);
        const definition = await readVersion(deps, tx, tenant, name, hash);
        return isRefusal(definition) ? definition : { definition, workflow, from: version.state };
      };
      const found = await database.inTenant(tenant, publishable);
      if (isRefusal(found)) return found;
      const gate = (await deps.publishGate?.(tenant, { hash, definition: found.definition })) ?? (async () => null);
      const withheld = await database.inTenant(tenant, gate);
      if (withheld !== null) return withheld;
      const { workload, key } = await provideKey(deps, by, name, found);
      let raise = (): void => {};
      const published = await database.inTenant(tenant, async (tx) => {
        // The approval may have ended while the key was made.
        const still = await publishable(tx);
        if (isRefusal(still)) return still;
        const withheldNow = await gate(tx);
        if (withheldNow !== null) return withheldNow;
        const before = await store.findPublished(tx, tenant, name);
        const atMs = clock.now();
        if (before !== null) {
          await store.moveVersion(tx, { tenant, name, hash: before.hash, from: 'published', to: 'retired', atMs });
          await record(tx, by, { type: 'version.retired', name, facts: { hash: before.hash }, change: ended(name, before.hash) });
        }
        if (!(await store.moveVersion(tx, { tenant, name, hash, from: still.from, to: 'published', atMs }))) {
          throw new Error('two people published the same version at the same moment');
        }
        await store.setKey(tx, { tenant, name, workload, key, expiresAtMs: atMs + KEY_LIFETIME_MS });
        raise = await publishHash(deps, tx, { tenant, name, hash, by: person });
        const change = {
          before: { name, hash, state: still.from, running: before?.hash ?? null },
          after: { name, hash, state: 'published', running: hash, workload },
        };
        await record(tx, by, { type: 'version.published', name, facts: { hash, workload }, change });
        return (await store.findVersion(tx, tenant, name, hash)) ?? unknown();
      });
      raise();
      const unused = isRefusal(published) ? key : found.workflow.key;
      if (unused !== null)
        await deps.workloads.revokeKey({ tenant, key: unused, actor: person, seal: (tx, change) => deps.sealChange(tx, by, change) });
      return published;
    },

    async retire(by, name, hash) {
      if (by.kind !== 'person') return notAPerson();
      const { tenant, person } = by;
      let raise = (): void => {};
      const retired = await database.inTenant(tenant, async (tx): Promise<store.VersionRow | Refusal> => {
        const version = await store.findVersion(tx, tenant, name, hash);
        if (version === null) return unknown();
        const moved = await store.moveVersion(tx, { tenant, name, hash, from: 'published', to: 'retired', atMs: clock.now() });
        if (!moved) return wrongState(version.state);
        raise = await publishHash(deps, tx, { tenant, name, hash: null, by: person });
        await record(tx, by, { type: 'version.retired', name, facts: { hash }, change: ended(name, hash) });
        return { ...version, state: 'retired' };
      });
      raise();
      return retired;
    },

    async setPaused(by, name, isPaused) {
      if (by.kind !== 'person') return notAPerson();
      const { tenant } = by;
      return database.inTenant(tenant, async (tx) => {
        if ((await store.findWorkflow(tx, tenant, name)) === null) return unknown();
        if (await store.setPaused(tx, tenant, name, isPaused)) {
          const change = { before: { name, paused: !isPaused }, after: { name, paused: isPaused } };
          await record(tx, by, { type: isPaused ? 'workflow.paused' : 'workflow.resumed', name, facts: {}, change });
        }
        return { name, isPaused };
      });
    },
  };
}

/** The workload stays the same over all versions, so that effects keep their keys; its scope is that of the version. */
async function provideKey(
  deps: RegistryDeps,
  by: Extract<Principal, { kind: 'person' }>,
  name: string,
  found: { readonly definition: WorkflowDefinition; readonly workflow: store.WorkflowRow },
) {
  const { tenant, person: actor } = by;
  const seal: SealChange = (tx, change) => deps.sealChange(tx, by, change);
  const integrations = integrationsOf(found.definition);
  const { workload: existing, isSample } = found.workflow;
  if (existing !== null)
    await deps.workloads.changeWorkload({ tenant, workload: existing, integrations, isApprovedAnew: true, actor, seal });
  const suffix = newId('wkl', deps.clock, deps.random).slice(-6);
  const workload =
    existing ??
    (await deps.workloads.createWorkload({
      tenant,
      name: `workflow-${name.slice(0, 40)}-${suffix}`,
      workflow: name,
      integrations,
      actor,
      seal,
      isSample,
    }));
  const expiresAtMs = deps.clock.now() + KEY_LIFETIME_MS;
  const { id } = await deps.workloads.createKey({ tenant, workload, expiresAtMs, actor, seal });
  return { workload, key: id };
}

const ended = (name: string, hash: string): Change => ({
  before: { name, hash, state: 'published' },
  after: { name, hash, state: 'retired' },
});

function flagsOf(workflow: Pick<store.WorkflowRow, 'isPaused' | 'isSample'> | null | undefined): {
  readonly isPaused: boolean;
  readonly isSample: boolean;
} {
  return { isPaused: workflow?.isPaused ?? false, isSample: workflow?.isSample ?? false };
}

function nameTaken(name: string, kind: 'ordinary' | 'sample'): Refusal {
  return kind === 'sample'
    ? refuse('WORKFLOWS_NAME_TAKEN', `${name} is a workflow of yours; the demo needs this name and leaves yours as it is.`, { name })
    : refuse('WORKFLOWS_SAMPLE_DATA', `${name} is sample data; remove the demo first, or choose another name.`, { name });
}
