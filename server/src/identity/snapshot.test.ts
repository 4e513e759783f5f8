import { expect, test } from 'vitest';
import { newId, type TenantId } from '#core';
import { createSnapshot, type Snapshot } from './snapshot.ts';
import type { AllRows, KeyRow, SessionRow } from './store/snapshot-rows.ts';
import { nodeRandom } from './test/opened-identity.ts';

const clock = { now: () => 1_893_456_000_000 };
const tenant: TenantId = newId('ten', clock, nodeRandom);
const workload = newId('wkl', clock, nodeRandom);
const expires_at = new Date(clock.now() + 1_000);
const key: KeyRow = {
  tenant,
  id: newId('key', clock, nodeRandom),
  workload,
  lookup: 'key-lookup',
  hash: Buffer.alloc(32),
  pepper: 'p',
  expires_at,
  made_by: null,
};
const session: SessionRow = {
  tenant,
  id: newId('ses', clock, nodeRandom),
  person: newId('per', clock, nodeRandom),
  kind: 'browser',
  method: 'link',
  device: null,
  managed: null,
  bound_key: null,
  passkey_at: null,
  seen_at: null,
  has_passkey: false,
  lookup: 'session-lookup',
  created_at: new Date(clock.now()),
  hash: Buffer.alloc(32),
  pepper: 'p',
  expires_at,
};
const rows: AllRows = {
  revisions: [{ tenant, revision: 3n }],
  workloads: [{ tenant, id: workload, workflow: null, integrations: ['shop'], public_key: null, removed: {}, owner: null }],
  keys: [key],
  sessions: [session],
  grants: [],
};
const filled = (): Snapshot => {
  const snapshot = createSnapshot('p');
  snapshot.beginReplace()(rows);
  return snapshot;
};
const knows = (snapshot: Snapshot): boolean[] => [
  snapshot.keyByLookup('key-lookup') !== undefined,
  snapshot.keyById(key.id) !== undefined,
  snapshot.sessionByLookup('session-lookup') !== undefined,
];

test('knows what it was given, and the revision of it', () => {
  expect(knows(filled())).toEqual([true, true, true]);
  expect([filled().revision(tenant), createSnapshot('p').revision(tenant)]).toEqual([3n, 0n]);
});

test('what was dropped does not come back by a read that began before', () => {
  const snapshot = filled();
  const lateReplace = snapshot.beginReplace();
  snapshot.drop(key.id);
  snapshot.drop(session.id);
  snapshot.putKey(key);
  snapshot.putSession(session);
  expect(knows(snapshot)).toEqual([false, false, false]);
  lateReplace(rows);
  expect(knows(snapshot)).toEqual([false, false, false]);
  expect(snapshot.dropped).toBe(2);
});

test('what was dropped is forgotten by the next full read, which can not show it any more', () => {
  const snapshot = filled();
  snapshot.drop(key.id);
  snapshot.beginReplace()({ ...rows, keys: [] });
  expect(snapshot.dropped).toBe(0);
});

test('rows made with another pepper are not there at all', () => {
  const snapshot = createSnapshot('other');
  snapshot.beginReplace()(rows);
  expect(knows(snapshot)).toEqual([false, false, false]);
});

test('a key whose workload is missing or of another tenant is nobody’s', () => {
  const snapshot = filled();
  const entry = snapshot.keyByLookup('key-lookup');
  if (entry === undefined) throw new Error('not there');
  expect(snapshot.principal(entry)).toMatchObject({ kind: 'workload', tenant, workload, integrations: new Set(['shop']) });
  expect(snapshot.principal({ ...entry, workload: newId('wkl', clock, nodeRandom) })).toBeNull();
  expect(snapshot.principal({ ...entry, tenant: newId('ten', clock, nodeRandom) })).toBeNull();
});

test('a person who is gone takes sessions, and the keys that end with them, out for good; those of others stay', () => {
  const owner = session.person;
  const made = { ...key, id: newId('key', clock, nodeRandom), lookup: 'made', made_by: owner };
  const others = { ...key, id: newId('key', clock, nodeRandom), lookup: 'others', workload: newId('wkl', clock, nodeRandom) };
  const snapshot = createSnapshot('p');
  snapshot.beginReplace()({ ...rows, workloads: rows.workloads.map((row) => ({ ...row, owner })), keys: [key, others, made] });
  snapshot.dropPerson(tenant, owner);
  snapshot.putSession(session);
  snapshot.putKey(made);
  expect(knows(snapshot)).toEqual([false, false, false]);
  expect([snapshot.keyById(made.id), snapshot.keyById(others.id)?.id]).toEqual([undefined, others.id]);
});
