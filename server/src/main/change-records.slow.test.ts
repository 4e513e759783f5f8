// What people change, over HTTP: the event in the open, its details sealed for owners, gone with the person, and in nothing that is plain.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JsonObject, PersonId } from '#core';
import { findRunningPostgres } from '#storage';
import { countText, filesUnder } from '../../../testkit/crash/raw-scan.ts';
import { startTestServer } from '../../../testkit/test-server.ts';
import { changeSubject } from './compose/change-records.ts';

type Server = Awaited<ReturnType<typeof startTestServer>>;
interface Shown {
  readonly seq: number;
  readonly leaf: string;
  readonly by: string | null;
  readonly details: JsonObject | null;
  readonly isErased: boolean;
  readonly detailsWithheld: boolean;
}

let test: Server;
const DEVICE = 'PLANTED-DEVICE/1.0';
const REASON = 'PLANTED-REASON: the season’s prices, wie besprochen mit Łucja';
const SECRET = 'planted-secret-0123456789';
const CHANGED = 'enforcement.integration.changed';

async function ask(token: string, method: string, path: string, headers: Record<string, string> = {}, body?: object) {
  const reply = await fetch(`${test.controlUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'user-agent': DEVICE,
      ...headers,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: reply.status, body: (await reply.json()) as JsonObject };
}
const owner = (method: string, path: string, body?: object, reason: string | null = REASON) =>
  ask(test.server.ownerToken, method, path, reason === null ? {} : { 'x-sallyport-reason': encodeURIComponent(reason) }, body);

/** The newest sealed event of a type, once there are so many; another round may be sealing them at this moment. */
async function sealed(type: string, count = 1): Promise<{ seq: number; entry: JsonObject }> {
  for (let round = 0; round < 200; round += 1) {
    await test.server.rooms.sequencer.runOnce();
    const listed = await test.owner('GET', `/api/events?type=${type}&limit=50`);
    expect(listed.status).toBe(200);
    const events = listed.body.events as { seq: number; entry: JsonObject }[];
    if (events.length >= count) return events[0] as { seq: number; entry: JsonObject };
  }
  throw new Error(`fewer than ${count} events of ${type} were sealed`);
}

async function show(token: string, seq: number): Promise<Shown> {
  const { status, body } = await ask(token, 'GET', `/api/events/${seq}`);
  if (status !== 200) throw new Error(`event ${seq} was not shown: ${status} ${JSON.stringify(body)}`);
  return body as unknown as Shown;
}

function shopWith(linkHosts: readonly string[], credential: object | null = null): object {
  return { kind: 'model', baseUrl: 'https://model.example.com', models: ['parrot'], linkHosts, credential };
}

beforeAll(async () => {
  test = await startTestServer({ allowPrivate: [] });
});
afterAll(() => test?.close());

it('keeps what was before and after, the address, the device and the reason of a change, for owners, and says that they were opened', async () => {
  const credential = { header: 'authorization', prefix: 'Bearer ', secret: SECRET };
  expect((await owner('PUT', '/api/integrations/model', shopWith(['a.example.com'], credential))).status).toBe(200);
  expect((await owner('PUT', '/api/integrations/model', shopWith(['b.example.com']))).status).toBe(200);
  const { seq, entry } = await sealed(CHANGED, 2);
  expect(entry.public).toEqual({ name: 'model', change: 'changed', loosened: ['linkHosts'] });
  expect(entry.commit).toMatch(/^[0-9a-f]{64}$/);

  const shown = await show(test.server.ownerToken, seq);
  expect(shown).toMatchObject({ isErased: false, detailsWithheld: false });
  const { before, after, ...from } = shown.details as { before: JsonObject; after: JsonObject };
  expect(from).toMatchObject({ device: DEVICE, address: '127.0.0.1', reason: REASON });
  expect([before.linkHosts, after.linkHosts]).toEqual([['a.example.com'], ['b.example.com']]);
  expect(after.credential).toEqual({ id: expect.stringMatching(/^crd_/) });
  expect(JSON.stringify(shown.details)).not.toContain(SECRET);
  const opened = await sealed('audit.event.opened');
  expect(opened.entry.public).toEqual({ seq });
});

it('records every kind of change with its details', async () => {
  const made = await owner('POST', '/api/workloads', { name: 'agent', integrations: ['model'] });
  const key = await owner('POST', '/api/keys', { workload: made.body.id as string });
  await owner('DELETE', `/api/keys/${key.body.id}`);
  await owner('POST', '/api/integrations/model/hook', {});
  await owner('POST', '/api/integrations/model/hook', {});
  await owner('DELETE', '/api/integrations/model/hook');
  const added = await owner('POST', '/api/people', { name: 'Ana Example' });
  await owner('DELETE', `/api/people/${added.body.id}`);
  await owner('POST', '/api/sign-in-links');
  await owner('DELETE', '/api/integrations/model');
  const kinds: readonly [string, (details: { before: JsonObject; after: JsonObject }) => void][] = [
    ['identity.workload.created', ({ after }) => expect(after).toMatchObject({ name: 'agent', integrations: ['model'] })],
    ['identity.key.created', ({ before, after }) => expect([before, after.id]).toEqual([null, key.body.id])],
    ['identity.key.revoked', ({ before, after }) => expect([before.id, after]).toEqual([key.body.id, null])],
    ['identity.hook.created', ({ before }) => expect(before).toBeNull()],
    ['identity.hook.rotated', ({ after }) => expect(after.previousUntil).toMatch(/Z$/)],
    ['identity.hook.removed', ({ after }) => expect(after).toBeNull()],
    ['identity.person.added', ({ after }) => expect(after).toEqual({ id: added.body.id, roles: ['approver', 'auditor'] })],
    ['identity.person.removed', ({ before }) => expect(before).toMatchObject({ id: added.body.id })],
    ['identity.link.created', ({ after }) => expect(after).toMatchObject({ person: expect.stringMatching(/^per_/) })],
    [CHANGED, ({ before, after }) => expect([before.name, after]).toEqual(['model', null])],
  ];
  for (const [type, look] of kinds) {
    const { seq } = await sealed(type);
    const { details } = await show(test.server.ownerToken, seq);
    expect([type, details]).toEqual([type, expect.objectContaining({ device: DEVICE, address: '127.0.0.1', reason: REASON })]);
    look(details as never);
    expect(JSON.stringify(details)).not.toMatch(/Ana|whsec_|spl_|sps_/);
  }
});

it('withholds the details from an approver, and records no opening', async () => {
  const { seq } = await sealed(CHANGED);
  const invited = await owner('POST', '/api/people', { name: 'Second Person' });
  const secret = String(invited.body.link).split('#')[1];
  const { body } = await ask('', 'POST', '/api/session', {}, { secret, as: 'token' });
  const before = (await sealed('audit.event.opened')).seq;
  expect(await show(String(body.token), seq)).toMatchObject({ details: null, isErased: false, detailsWithheld: true });
  expect((await sealed('audit.event.opened')).seq).toBe(before);
});

it('withholds the details where the grant that would show them does not hold now', async () => {
  const { seq } = await sealed(CHANGED);
  const invited = await owner('POST', '/api/people', { name: 'Third Person', roles: ['analyst'] });
  const { body } = await ask('', 'POST', '/api/session', {}, { secret: String(invited.body.link).split('#')[1], as: 'token' });
  const give = (condition: object | null) =>
    // The reason of a grant is kept with the grant, and shown with it.
    owner('POST', '/api/access/grants', { subject: invited.body.id, role: 'privacy', ...(condition === null ? {} : { condition }) }, null);
  const later = (new Date().getUTCHours() + 12) % 24;
  expect((await give({ hours: { from: later, to: (later + 1) % 24 } })).status).toBe(200);
  expect(await show(String(body.token), seq)).toMatchObject({ details: null, detailsWithheld: true });
  expect((await give(null)).status).toBe(200);
  expect(await show(String(body.token), seq)).toMatchObject({ detailsWithheld: false, details: { device: DEVICE } });
});

it('takes a reason from the command line, and shows the details there', async () => {
  const run = (...args: readonly string[]) =>
    promisify(execFile)(
      process.execPath,
      [join(import.meta.dirname, '../../../bin/sallyport.js'), ...args, '--secrets-dir', join(test.folder, 'secrets')],
      {
        env: {},
      },
    );
  await run('keys', 'list', '--reason', 'nothing changes');
  const { body } = await test.owner('GET', '/api/workloads');
  const [workload] = body.workloads as { id: string }[];
  await run('keys', 'create', String(workload?.id), '--reason', 'für den Herbst');
  const { seq } = await sealed('identity.key.created', 2);
  const { stdout } = await run('event', 'show', String(seq));
  expect(stdout).toMatch(/^type +identity\.key\.created$/m);
  expect(stdout).toMatch(/^reason +für den Herbst$/m);
  expect(stdout).toMatch(/^address +127\.0\.0\.1$/m);
  expect(stdout).toMatch(/^device +sallyport-cli\//m);
});

it('refuses a reason that is no line of text', async () => {
  for (const header of ['%E0%A4%A', 'x'.repeat(501), encodeURIComponent('two\nlines'), encodeURIComponent('nul\0')]) {
    const answer = await ask(test.server.ownerToken, 'POST', '/api/sign-in-links', { 'x-sallyport-reason': header });
    expect([answer.status, answer.body.code]).toEqual([400, 'CONTROL_REQUEST_INVALID']);
  }
});

it('takes no address from a header', async () => {
  const forged = { 'x-forwarded-for': '203.0.113.9', forwarded: 'for=203.0.113.9' };
  await ask(test.server.ownerToken, 'PUT', '/api/integrations/other', forged, shopWith([]));
  const { seq } = await sealed(CHANGED, 4);
  expect((await show(test.server.ownerToken, seq)).details).toMatchObject({ address: '127.0.0.1', reason: null });
});

it('leaves no trace of reason and device in the files of the database, in a leaf or in the server’s log', async () => {
  const [dataDir, stateDir] = [join(test.folder, 'data/postgres'), join(test.folder, 'data/state')];
  const running = await findRunningPostgres({ dataDir, stateDir, host: process });
  const admin = new pg.Client({ connectionString: running?.adminUrl });
  await admin.connect();
  await admin.query('checkpoint');
  await admin.end();
  const files = filesUnder(join(test.folder, 'data'));
  expect(countText(files, CHANGED)).toBeGreaterThan(0);
  for (const text of ['PLANTED-REASON', 'PLANTED-DEVICE', SECRET]) expect([text, countText(files, text)]).toEqual([text, 0]);
  expect(test.log.join('\n')).not.toMatch(/PLANTED/);
});

it('shows an event without its details once the person was erased, and the ledger still verifies', async () => {
  const { seq } = await sealed(CHANGED);
  const before = await show(test.server.ownerToken, seq);
  expect(before.details).not.toBeNull();
  const me = (await test.owner('GET', '/api/session')).body.person as PersonId;
  const { rooms, database } = test.server;
  await database.database.inTenant(rooms.tenant, (tx) =>
    rooms.vault.eraseSubject(tx, { tenant: rooms.tenant, subject: changeSubject(me) }),
  );
  const after = await show(test.server.ownerToken, seq);
  expect([after.details, after.isErased, after.leaf]).toEqual([null, true, before.leaf]);
  // Who is behind the pseudonym was under the same key.
  expect([before.by, after.by]).toEqual([me, null]);
  // The erasure of a person removes the links too, by whichever name the person acted.
  const subject = changeSubject(me);
  expect((await test.owner('POST', '/api/erasures', { subject, confirm: subject })).body).toMatchObject({ pseudonym: true });
  expect((await test.owner('POST', '/api/ledger/verify')).body).toMatchObject({ ok: true });
});
