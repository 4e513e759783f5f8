// Approvals of versions, signed by passkeys and proven again whenever a version is published or runs: whoever can write into the database
// makes none. Real identity, real registry, a real key of the installation.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  codeOf,
  fixedClock,
  granted,
  nodeDigest,
  passkeyDevice,
  type Signer,
  seededRandom,
  signersOf,
  type TestDatabase,
  testDatabase,
} from '@sallyport/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrations as approvalMigrations } from '#approvals';
import { canonicalJson, type PasskeyAssertion, type TenantId } from '#core';
import { type BundleSigner, createIdentity, type Identity, migrations as identityMigrations, openBundleSigner } from '#identity';
import { appendEvents, migrations as storageMigrations } from '#storage';
import { readTemplate } from '../../../testkit/workflow-world/index.ts';
import { migrations } from './migrations/index.ts';
import type { RegistryDeps } from './ports.ts';
import { createRegistry, type Registry } from './registry.ts';
import { verifyVersion } from './verify-version.ts';

const clock = fixedClock();
const random = seededRandom();
const folder = mkdtempSync(join(tmpdir(), 'sallyport-approval-'));
const name = 'support-reply';
let database: TestDatabase;
let identity: Identity;
let signer: BundleSigner;
let deps: RegistryDeps;
let registry: Registry;

beforeAll(async () => {
  database = await testDatabase([...storageMigrations, ...identityMigrations, ...approvalMigrations, ...migrations]);
  identity = await createIdentity({ db: database.db, clock, random, pepper: random.bytes(32) });
  signer = openBundleSigner(join(folder, 'key.pem'));
  const heights = new Map<string, number>();
  deps = {
    database: database.db,
    ...{ clock, random, digest: nodeDigest, signer, signatures: identity.signatures, workloads: identity },
    events: { appendIn: appendEvents },
    sealChange: async () => new Uint8Array(),
    heights: { highest: (place) => heights.get(place) ?? 0, raise: (place, height) => void heights.set(place, height) },
    people: identity.activePeople,
  };
  registry = createRegistry(deps);
});
afterAll(async () => {
  await identity.close();
  await database.close();
  rmSync(folder, { recursive: true });
});

const { person, signer: enrol } = signersOf(() => identity);
const change = (text: string, ...values: readonly unknown[]) => database.admin(text, [...values]);

let shops = 0;
/** A tenant whose first person writes and whose second approves, and a draft in it. */
async function shop(): Promise<{ tenant: TenantId; writer: Signer; approver: Signer; hash: string }> {
  shops += 1;
  const tenant = await identity.createTenant({ name: `shop-${shops}` });
  const writer = await enrol(await identity.ownerLink(tenant));
  const added = granted(await identity.addPerson({ tenant, name: 'Ana', roles: ['owner'], actor: person(writer).person }));
  const approver = await enrol(added.secret);
  return { tenant, writer, approver, hash: await draft(writer) };
}

/** Another version each time it is asked for. */
let versions = 0;
async function draft(by: Signer, files = readTemplate(name)): Promise<string> {
  versions += 1;
  const text = `${files['prompts/system.md'] ?? ''}\nVersion ${versions}.\n`;
  return granted(await registry.importBundle(person(by), { ...files, 'prompts/system.md': text })).hash;
}

async function sign(by: Signer, hash: string): Promise<PasskeyAssertion> {
  const endorsable = granted(await registry.approvable(person(by), name, hash));
  return by.device.get((await identity.endorseOptions(person(by), endorsable)) ?? {});
}
const approve = async (by: Signer, hash: string, assertion?: PasskeyAssertion) =>
  registry.approve(person(by), name, hash, assertion ?? (await sign(by, hash)));
const publish = (by: Signer, hash: string) => registry.publish(person(by), name, hash);
const runs = async (tenant: TenantId, hash: string): Promise<string> =>
  codeOf(await database.db.inTenant(tenant, (tx) => verifyVersion(deps, tx, tenant, name, hash)));
const shown = async (tenant: TenantId, hash: string) => granted(await registry.show(tenant, name, hash));
const thumbprintOf = async (by: Signer): Promise<unknown> => {
  const [event] = await change(
    "select public from event_inbox where type = 'identity.passkey.enrolled' and public->>'person' = $1",
    person(by).person,
  );
  return (event as { public: { thumbprint: string } }).public.thumbprint;
};

describe('a version approved by somebody with a passkey', () => {
  test('is signed by it, publishes and runs; the version and the log name the passkey', async () => {
    const { tenant, approver, hash } = await shop();
    expect(codeOf(await approve(approver, hash))).toBe('ok');
    const passkey = await thumbprintOf(approver);
    expect(await shown(tenant, hash)).toMatchObject({ state: 'approved', approval: { state: 'valid', passkey, isPasskeyRemoved: false } });
    const [event] = await change("select public from event_inbox where tenant = $1 and type = 'workflows.version.approved'", tenant);
    expect(event).toMatchObject({ public: { hash, solo: false, signed: true, passkey } });
    expect(await runs(tenant, hash)).toBe('WORKFLOWS_HASH_NOT_APPROVED');
    expect(codeOf(await publish(approver, hash))).toBe('ok');
    expect(await runs(tenant, hash)).toBe('ok');
  });

  test('is not approved without it, nor from the command line, and the refusal says where', async () => {
    const { tenant, approver, hash } = await shop();
    const refused = await registry.approve(person(approver), name, hash);
    expect(refused).toMatchObject({ code: 'WORKFLOWS_SIGNATURE_REQUIRED', evidence: { open: `/workflows/${name}?hash=${hash}` } });
    const alone = await identity.createTenant({ name: 'alone' });
    const owner = await enrol(await identity.ownerLink(alone));
    const cli = { token: await identity.createCliCredential({ tenant: alone, label: 'here' }) };
    expect(codeOf(await registry.approve(person(cli), name, await draft(owner)))).toBe('WORKFLOWS_SIGNATURE_REQUIRED');
    expect((await shown(tenant, hash)).state).toBe('draft');
  });

  test('takes no signature of another version, of the same content in another tenant, of another person or for another purpose', async () => {
    const [here, there] = [await shop(), await shop()];
    const other = await draft(here.writer);
    const { tenant, approver, writer, hash } = here;
    const call = { purpose: 'approval', lines: [tenant, name, hash] } as const;
    const elsewhere = { purpose: 'workflow approval', lines: [there.tenant, name, hash] } as const;
    const own = { purpose: 'workflow approval', lines: [tenant, name, hash] } as const;
    const signed = async (by: Signer, what: Parameters<Identity['endorseOptions']>[1]) =>
      by.device.get((await identity.endorseOptions(person(by), what)) ?? {});
    const wrong = [
      await sign(approver, other),
      await signed(approver, call),
      await signed(approver, elsewhere),
      await signed(writer, own),
      approver.device.get((await identity.endorseOptions(person(approver), own)) ?? {}, { isVerified: false }),
    ];
    for (const assertion of wrong) expect(codeOf(await approve(approver, hash, assertion))).toBe('IDENTITY_PASSKEY_INVALID');
    expect((await shown(tenant, hash)).state).toBe('draft');
  });

  test('takes a signature once: what was signed before counts backwards, and an approval stands', async () => {
    const { approver, hash } = await shop();
    const assertion = await sign(approver, hash);
    expect(codeOf(await approve(approver, hash, assertion))).toBe('ok');
    expect(codeOf(await approve(approver, hash, assertion))).toBe('WORKFLOWS_STATE_WRONG');
    await change("update workflow_versions set state = 'draft', signature = null where hash = $1", hash);
    expect(codeOf(await approve(approver, hash, assertion))).toBe('IDENTITY_PASSKEY_COUNTER');
  });
});

describe('whoever can write into the database', () => {
  const STATE = "update workflow_versions set state = 'published' where tenant = $1 and hash = $2";
  const forged = async (tenant: TenantId, hash: string, by: Signer): Promise<void> => {
    expect((await shown(tenant, hash)).approval.state).toBe('invalid');
    expect(await runs(tenant, hash)).toBe('WORKFLOWS_SIGNATURE_INVALID');
    await change("update workflow_versions set state = 'approved' where tenant = $1 and hash = $2", tenant, hash);
    expect(codeOf(await publish(by, hash))).toBe('WORKFLOWS_SIGNATURE_INVALID');
  };

  test('makes nothing run with the whole approval of another version, of this tenant or another', async () => {
    const { tenant, approver, writer, hash } = await shop();
    const wanted = await draft(writer);
    await approve(approver, hash);
    const copy = `update workflow_versions v set state = 'published', approved_at = a.approved_at, approved_by = a.approved_by,
      is_solo = a.is_solo, signature = a.signature, passkey_signature = a.passkey_signature, passkey = a.passkey
      from workflow_versions a where a.hash = $1 and v.hash = $2`;
    await change(copy, hash, wanted);
    await forged(tenant, wanted, approver);
    const there = await shop();
    await change(copy, hash, there.hash);
    await forged(there.tenant, there.hash, there.approver);
  });

  test.each([
    ['another approver', "approved_by = 'per_01a205c7-6d01-7c1e-9f0a-52b7d1c0e3aa'"],
    ['another moment', "approved_at = approved_at + interval '1 second'"],
    ['no passkey at all', 'passkey = null, passkey_signature = null'],
    ['a signature without its passkey', 'passkey = null'],
    ['another passkey', "passkey = repeat('a', 64)"],
    ['a signature that is none', "passkey_signature = '{}'"],
  ])('gives an approval %s for nothing', async (_what, set) => {
    const { tenant, approver, hash } = await shop();
    await approve(approver, hash);
    await change(`update workflow_versions set ${set} where hash = $1`, hash);
    await change(STATE, tenant, hash);
    await forged(tenant, hash, approver);
  });

  test('makes nothing run though the installation itself signed it, with a signature the approver gave for something else', async () => {
    const { tenant, approver, writer, hash } = await shop();
    const wanted = await draft(writer);
    await approve(approver, hash);
    const [row] = await change('select passkey_signature, passkey, approved_by, approved_at from workflow_versions where hash = $1', hash);
    const { passkey_signature, passkey, approved_by, approved_at } = row as Record<string, string> & { approved_at: Date };
    const said = { tenant, name, hash: wanted, by: approved_by, atMs: approved_at.getTime(), isSolo: false };
    const signed = { passkey, signature: nodeDigest.sha256(passkey_signature ?? '') };
    const statement = `sallyport workflow approval v2\n${canonicalJson({ ...said, ...signed } as never)}`;
    await change(
      `update workflow_versions set state = 'published', approved_by = $2, approved_at = $3, is_solo = false, signature = $4,
        passkey_signature = $5, passkey = $6 where hash = $1`,
      ...[wanted, approved_by, approved_at, Buffer.from(signer.sign(statement)), passkey_signature, passkey],
    );
    await forged(tenant, wanted, approver);
  });

  test('is noticed when a version has run before: what was found good is looked at anew once it is changed', async () => {
    const { tenant, approver, hash } = await shop();
    await approve(approver, hash);
    await publish(approver, hash);
    expect(await runs(tenant, hash)).toBe('ok');
    await change(
      "update workflow_versions set passkey_signature = replace(passkey_signature, 'clientDataJSON', 'clientDataJson') where hash = $1",
      hash,
    );
    expect(await runs(tenant, hash)).toBe('WORKFLOWS_SIGNATURE_INVALID');
    expect(codeOf(await registry.retire(person(approver), name, hash))).toBe('ok');
    expect(codeOf(await approve(approver, hash))).toBe('ok');
    expect(codeOf(await publish(approver, hash))).toBe('ok');
    expect(await runs(tenant, hash)).toBe('ok');
  });
});

describe('a passkey that is removed', () => {
  test('while a version is being published stops that too', async () => {
    const { tenant, writer, approver, hash } = await shop();
    await approve(approver, hash);
    const createKey: RegistryDeps['workloads']['createKey'] = async (made) => {
      granted(await identity.resetPerson(person(writer), person(approver).person));
      return identity.createKey(made);
    };
    const slow = createRegistry({ ...deps, workloads: { ...identity, createKey } });
    expect(codeOf(await slow.publish(person(writer), name, hash))).toBe('WORKFLOWS_APPROVAL_LAPSED');
    expect((await shown(tenant, hash)).state).toBe('approved');
    const keys = await change('select revoked_at from identity_keys where tenant = $1', tenant);
    expect(keys).toEqual([{ revoked_at: expect.any(Date) }]);
  });

  test('takes with it what it approved and nobody published, which is approved anew; what runs goes on', async () => {
    const { tenant, writer, approver, hash } = await shop();
    const next = await draft(writer);
    for (const one of [hash, next]) expect(codeOf(await approve(approver, one))).toBe('ok');
    await publish(writer, hash);
    granted(await identity.resetPerson(person(writer), person(approver).person));
    expect(await runs(tenant, hash)).toBe('ok');
    expect((await shown(tenant, hash)).approval).toMatchObject({ state: 'valid', isPasskeyRemoved: true });
    expect((await shown(tenant, next)).approval.state).toBe('lapsed');
    expect(codeOf(await publish(writer, next))).toBe('WORKFLOWS_APPROVAL_LAPSED');
    const added = granted(await identity.addPerson({ tenant, name: 'Bo', roles: ['owner'], actor: person(writer).person }));
    const third = await enrol(added.secret);
    expect(codeOf(await approve(third, next))).toBe('ok');
    expect(codeOf(await publish(writer, next))).toBe('ok');
    // Runs that began with the one before end as they began; to come back it is approved anew.
    expect(await runs(tenant, hash)).toBe('ok');
    expect(codeOf(await publish(writer, hash))).toBe('WORKFLOWS_APPROVAL_LAPSED');
    expect(codeOf(await approve(third, hash))).toBe('ok');
    expect(await runs(tenant, hash)).toBe('ok');
    expect(codeOf(await publish(writer, hash))).toBe('ok');
  });
});

test('the demo’s own workflow needs no passkey of whoever starts the demo, and nothing else gets by that way', async () => {
  const { tenant, writer, hash } = await shop();
  expect(codeOf(await registry.approveSample(person(writer), name, hash))).toBe('WORKFLOWS_FOUR_EYES');
  const alone = await identity.createTenant({ name: 'demo' });
  const owner = await enrol(await identity.ownerLink(alone));
  const own = await draft(owner);
  expect(codeOf(await registry.approveSample(person(owner), name, own))).toBe('WORKFLOWS_UNKNOWN');
  await change('update workflows set is_sample = true where tenant = $1', tenant);
  expect(codeOf(await registry.approveSample(person(writer), name, hash))).toBe('ok');
  expect((await shown(tenant, hash)).approval).toEqual({ state: 'valid', passkey: null, isPasskeyRemoved: false });
});

describe('approvals without a passkey', () => {
  test('end with their approver, as long as nobody published them', async () => {
    const { tenant, writer, hash } = await shop();
    const added = granted(await identity.addPerson({ tenant, name: 'Cy', roles: ['owner'], actor: person(writer).person }));
    const cy = { token: granted(await identity.redeem(added.secret)).token, device: passkeyDevice() };
    const next = await draft(writer);
    for (const one of [hash, next]) expect(codeOf(await registry.approve(person(cy), name, one))).toBe('ok');
    await publish(writer, hash);
    await identity.removePerson({ tenant, person: person(cy).person, actor: person(writer).person });
    expect(await runs(tenant, hash)).toBe('ok');
    expect((await shown(tenant, hash)).approval.state).toBe('valid');
    expect((await shown(tenant, next)).approval.state).toBe('lapsed');
    expect(codeOf(await publish(writer, next))).toBe('WORKFLOWS_APPROVAL_LAPSED');
  });

  test('are recorded as such, hold, and do so when they were given before passkeys signed any', async () => {
    const tenant = await identity.createTenant({ name: 'new' });
    const owner = { token: granted(await identity.redeem(await identity.ownerLink(tenant))).token, device: passkeyDevice() };
    const hash = await draft(owner);
    expect(await identity.endorseOptions(person(owner), granted(await registry.approvable(person(owner), name, hash)))).toBeNull();
    expect(codeOf(await registry.approve(person(owner), name, hash))).toBe('ok');
    expect((await shown(tenant, hash)).approval).toEqual({ state: 'valid', passkey: null, isPasskeyRemoved: false });
    const [event] = await change("select public from event_inbox where tenant = $1 and type = 'workflows.version.approved'", tenant);
    expect(event).toMatchObject({ public: { solo: true, signed: false, passkey: null } });
    const atMs = clock.now();
    const earlier = `sallyport workflow approval v1\n${canonicalJson({ tenant, name, hash, by: person(owner).person, atMs, isSolo: true })}`;
    await change('update workflow_versions set signature = $2 where hash = $1', hash, Buffer.from(signer.sign(earlier)));
    expect(codeOf(await publish(owner, hash))).toBe('ok');
    expect(await runs(tenant, hash)).toBe('ok');
    // Nothing signed by a passkey is passed off as one of those.
    const { approver, tenant: other, hash: signedHash } = await shop();
    await approve(approver, signedHash);
    await change('update workflow_versions set passkey_signature = null, passkey = null where hash = $1', signedHash);
    expect((await shown(other, signedHash)).approval.state).toBe('invalid');
  });
});
