// Links between actors and pseudonyms on a real Postgres: nothing in clear, nothing left after an erasure, and the move of those in clear.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TenantId } from '#core';
import { createPseudonyms, UnknownActors } from './assign-pseudonyms.ts';
import type { InboxEvent } from './store/take-inbox.ts';
import { type LedgerLab, openLab } from './test/ledger-lab.ts';

let lab: LedgerLab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

const ANN = 'person:per_ann';

async function say(tenant: TenantId, actor = ANN, sequencer = lab.sequencer): Promise<string> {
  await lab.write(tenant, 1, { actor });
  for (let moved = 1; moved > 0; ) moved = await sequencer.runOnce();
  return String((await lab.ledger.list(tenant, { limit: 1 }))[0]?.entry.actor);
}

const linksOf = (tenant: TenantId) => lab.database.admin('select * from audit_link where tenant = $1', [tenant]);
const forget = (tenant: TenantId, forgotten: string) =>
  lab.database.db.inTenant(tenant, (tx) => lab.ledger.forgetActor(tx, { tenant, forgotten, actor: 'person:per_owner' }));

/** What a version before this one wrote. */
const writeClear = (tenant: TenantId, actor: string, pseudonym: string) =>
  lab.database.admin('insert into audit_actor (tenant, actor, pseudonym) values ($1, $2, $3)', [tenant, actor, pseudonym]);

describe('the link from a pseudonym to an actor', () => {
  it('is found by a keyed hash and names nobody in the database', async () => {
    const [one, two] = [lab.newTenant(), lab.newTenant()];
    const pseudonym = await say(one);
    await say(two);
    const rows = [...(await linksOf(one)), ...(await linksOf(two))];
    expect(rows).toHaveLength(2);
    expect(new Set(rows.map((row) => row.actor_index)).size).toBe(2);
    for (const row of rows) expect(`${Buffer.from(row.sealed as Buffer).toString('latin1')} ${row.actor_index}`).not.toContain('per_ann');
    expect(await lab.database.admin('select * from audit_actor')).toEqual([]);
    expect([...(await lab.ledger.actorsBehind(one, [pseudonym]))]).toEqual([[pseudonym, ANN]]);
    expect(await lab.database.db.inTenant(one, (tx) => lab.links.pseudonymsOf(tx, one, 'per_ann'))).toEqual([pseudonym]);
  });

  it('does not open beside another pseudonym: who can write the table can not put an act on somebody else', async () => {
    const tenant = lab.newTenant();
    const [ann, bob] = [await say(tenant), await say(tenant, 'person:per_bob')];
    await lab.database.admin(
      'update audit_link set sealed = (select sealed from audit_link where tenant = $1 and pseudonym = $2) where tenant = $1 and pseudonym = $3',
      [tenant, ann, bob],
    );
    expect([...(await lab.ledger.actorsBehind(tenant, [ann, bob]))]).toEqual([[ann, ANN]]);
  });

  it.each(['the process that made it', 'another process'])(
    'is gone for the next event of %s once the actor was forgotten',
    async (which) => {
      const tenant = lab.newTenant();
      const other = lab.another();
      await say(tenant, ANN, other);
      const before = await say(tenant);
      expect(await forget(tenant, 'per_ann')).toBe(true);
      expect(await linksOf(tenant)).toHaveLength(0);
      const after = await say(tenant, ANN, which === 'another process' ? other : lab.sequencer);
      expect(after).not.toBe(before);
      expect([...(await lab.ledger.actorsBehind(tenant, [before, after])).keys()]).toEqual([after]);
      expect(await forget(tenant, 'person:per_nobody')).toBe(false);
    },
  );

  it('opens no more when the subject was erased', async () => {
    const tenant = lab.newTenant();
    const pseudonym = await say(tenant, 'person:per_erased');
    lab.eraseSubject('person:per_erased');
    expect((await lab.ledger.actorsBehind(tenant, [pseudonym])).size).toBe(0);
  });

  it('is one for all processes that meet an actor at the same moment', async () => {
    const tenant = lab.newTenant();
    const sequencers = [lab.sequencer, lab.another(), lab.another()];
    for (let at = 0; at < 5; at += 1) {
      await lab.write(tenant, 3, { actor: `person:per_${at}` });
      await Promise.all(sequencers.map((sequencer) => sequencer.runOnce()));
    }
    await lab.seal();
    expect(await linksOf(tenant)).toHaveLength(5);
    expect(new Set((await lab.ledger.list(tenant)).map(({ entry }) => entry.actor)).size).toBe(5);
  });
});

describe('links an earlier version kept in clear', () => {
  it('are moved as they are met and in the background, keep their pseudonyms, and are read meanwhile', async () => {
    const tenant = lab.newTenant();
    const names = Array.from({ length: 450 }, (_, nth) => `person:per_${nth}`);
    const pseudonyms = names.map((_, nth) => `act_${String(nth).padStart(32, '0')}`);
    await lab.database.admin('insert into audit_actor (tenant, actor, pseudonym) select $1, * from unnest($2::text[], $3::text[])', [
      tenant,
      names,
      pseudonyms,
    ]);
    expect((await lab.ledger.actorsBehind(tenant, pseudonyms)).size).toBe(450);
    const after = lab.another();
    expect(await say(tenant, names[449], after)).toBe(pseudonyms[449]);
    for (let at = 0; at < 8; at += 1) await after.runOnce();
    expect(await lab.database.admin('select * from audit_actor')).toEqual([]);
    expect(await linksOf(tenant)).toHaveLength(450);
    expect(await lab.ledger.actorsBehind(tenant, pseudonyms)).toEqual(new Map(pseudonyms.map((pseudonym, nth) => [pseudonym, names[nth]])));
    expect(await say(tenant, names[7], after)).toBe(pseudonyms[7]);
  });

  it('are forgotten like the others', async () => {
    const tenant = lab.newTenant();
    await writeClear(tenant, ANN, 'act_clear');
    expect(await forget(tenant, ANN)).toBe(true);
    expect((await lab.ledger.actorsBehind(tenant, ['act_clear'])).size).toBe(0);
    expect(await say(tenant)).not.toBe('act_clear');
  });

  it('do not come back when they are erased while they are being moved', async () => {
    const tenant = lab.newTenant();
    const event = { ...lab.newEvent(tenant, { actor: ANN }), isRepeat: false } as InboxEvent;
    const pseudonyms = createPseudonyms({ db: lab.database.db, actors: lab.actors, random: lab.random });
    const assign = () => lab.database.db.asSystem('sequencer', (tx) => pseudonyms.assign(tx, [event]));
    await writeClear(tenant, ANN, 'act_erased');
    const actors = await assign().then(
      () => [],
      (stopped: UnknownActors) => stopped.actors,
    );
    await pseudonyms.prepare(actors);
    await forget(tenant, ANN);
    await expect(assign()).rejects.toBeInstanceOf(UnknownActors);
    expect(await linksOf(tenant)).toEqual([]);
    await pseudonyms.prepare(actors);
    expect((await assign())(event)).not.toBe('act_erased');
  });

  it('that another version adds beside this one are moved too, and an actor found under both', async () => {
    const tenant = lab.newTenant();
    const first = await say(tenant);
    await writeClear(tenant, ANN, 'act_second');
    for (let at = 0; at < 8; at += 1) await lab.sequencer.runOnce();
    expect(await lab.database.admin('select * from audit_actor')).toEqual([]);
    expect(await lab.database.db.inTenant(tenant, (tx) => lab.links.pseudonymsOf(tx, tenant, ANN))).toEqual([first, 'act_second'].sort());
    expect(await say(tenant)).toBe([first, 'act_second'].sort()[0]);
  });
});
