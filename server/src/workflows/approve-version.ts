// A person approves one hash: who may, what their passkey signs, and the record of it.
// INVARIANT: what is approved is what is stored now and was named; whoever has a passkey approves nothing without it.

import {
  type Endorsable,
  endorse,
  isRefusal,
  type PasskeyAssertion,
  type PersonPrincipal,
  type Principal,
  type Refusal,
  refuse,
  type Tx,
  UNSIGNED,
} from '#core';
import { approvalStatement, checkApproval, endorsableOf, signatureNeeded } from './approval.ts';
import type { RegistryDeps } from './ports.ts';
import { notAPerson, recordOf, unknown, wrongState } from './record.ts';
import { findVersion, findWorkflow, recordApproval, type VersionRow } from './store/versions.ts';
import { readVersion } from './verify-version.ts';

/** In place of a signature, by whoever starts the demo: its own workflow, which reaches nothing but the demo's own parts. */
export const SHIPPED = Symbol('sample data that we ship');

interface Named {
  readonly name: string;
  readonly hash: string;
}

/** What this person's passkey would sign to approve it now; a refusal when they may not. */
export function approvableVersion(deps: RegistryDeps, by: Principal, named: Named): Promise<Endorsable | Refusal> {
  if (by.kind !== 'person') return Promise.resolve(notAPerson());
  return deps.database.inTenant(by.tenant, async (tx) => {
    const looked = await look(deps, tx, by, named);
    return isRefusal(looked) ? looked : endorsableOf({ tenant: by.tenant, ...named });
  });
}

export function approveVersion(
  deps: RegistryDeps,
  by: Principal,
  { name, hash, assertion }: Named & { readonly assertion: PasskeyAssertion | undefined | typeof SHIPPED },
): Promise<VersionRow | Refusal> {
  if (by.kind !== 'person') return Promise.resolve(notAPerson());
  const { tenant, person } = by;
  return deps.database.inTenant(tenant, async (tx) => {
    const looked = await look(deps, tx, by, { name, hash });
    if (isRefusal(looked)) return looked;
    const { version, isSolo } = looked;
    if (assertion === SHIPPED && !looked.isSample) return unknown();
    const signing = { endorsable: endorsableOf({ tenant, name, hash }), needed: signatureNeeded(name, hash) };
    const endorsed = assertion === SHIPPED ? UNSIGNED : await endorse(deps.signatures, tx, by, { ...signing, assertion });
    if (isRefusal(endorsed)) return endorsed;
    const approval = { tenant, name, hash, by: person, atMs: deps.clock.now(), isSolo, endorsed };
    const signature = deps.signer.sign(approvalStatement(deps, approval));
    if (!(await recordApproval(tx, { ...approval, from: version.state, signature }))) return wrongState(version.state);
    const facts = { hash, solo: isSolo, signed: endorsed.signature !== null, passkey: endorsed.passkey };
    const after = await findVersion(tx, tenant, name, hash);
    const change = { before: { name, hash, state: version.state }, after: { name, ...facts, state: after?.state ?? version.state } };
    await recordOf(deps)(tx, by, { type: 'version.approved', name, facts, change });
    return after ?? unknown();
  });
}

async function look(deps: RegistryDeps, tx: Tx, by: PersonPrincipal, { name, hash }: Named) {
  const { tenant, person } = by;
  const version = await findVersion(tx, tenant, name, hash);
  if (version === null) return unknown();
  // What is approved is what is stored now; a draft that was edited in the database is not what anybody looked at.
  const definition = await readVersion(deps, tx, tenant, name, hash);
  if (isRefusal(definition)) return definition;
  // Once: but an approval that does not hold any more is given anew, where nothing runs under it.
  const isOpen = version.state === 'draft' || (version.state !== 'published' && !(await holds(deps, tx, by, version)));
  if (!isOpen) return wrongState(version.state);
  const isSolo = version.importedBy === person;
  // What we ship as sample data was written by nobody here, and reaches nothing but the sample parts.
  const isSample = (await findWorkflow(tx, tenant, name))?.isSample === true;
  if (isSolo && !isSample && (await deps.people(tx, tenant)).length > 1) return fourEyes(name, hash);
  return { version, isSolo, isSample };
}

const holds = async (deps: RegistryDeps, tx: Tx, { tenant }: PersonPrincipal, version: VersionRow): Promise<boolean> =>
  (await checkApproval(deps, tx, tenant, version)).state === 'valid';

const fourEyes = (name: string, hash: string): Refusal =>
  refuse('WORKFLOWS_FOUR_EYES', 'You imported this version, so somebody else must approve it.', { workflow: name, hash });
