// A new version of every tenant's key, and a new key in the key file.
// INVARIANT: what was before goes only when nothing is wrapped with it and the list of survivors is on the disk.

import { type Refusal, refuse } from '#core';
import { newKey } from '../envelope.ts';
import { masterKeyOf, readSeal, replaceKeyFile } from '../key-file.ts';
import { addTenantVersion, countTenantKeys, dropTenantVersions, pageOfTenantKeys, rewrapTenantKeys } from '../store/all-keys.ts';
import type { EveryKey } from './every-key.ts';
import { isRefused, type OnStep, PAGE, type RoundDeps, type RoundReport, sentence, type Turns } from './steps.ts';
import { openTenantRow, sealTenantKey, type TenantKey } from './wrapping.ts';

export interface Rotation {
  /** A key that everything is wrapped with from now on; none when one is there. */
  beginFile(): Promise<Refusal | null>;
  finishFile(onStep: OnStep): Promise<(RoundReport & { readonly keyId: string }) | Refusal>;
  isFileOpen(): boolean;
  addVersions(): Promise<number | Refusal>;
  finishTenants(onStep: OnStep): Promise<RoundReport | Refusal>;
  areTenantsOpen(): Promise<boolean>;
}

const MAX_INTEGER = 2_147_483_647;

export function createRotation({ held, clock, random }: RoundDeps, turns: Turns, every: EveryKey): Rotation {
  const { system, inTurn, alone } = turns;
  const { tenantPages, rewrap, keepSurvivors } = every;
  const at = (): Date => new Date(clock.now());

  async function finishFile(onStep: OnStep): Promise<(RoundReport & { keyId: string }) | Refusal> {
    let wrapped = 0;
    for (;;) {
      // Once under the lock of writers: whoever makes a tenant's key afterwards sees the next key in the box.
      const barrier = await alone(async () => true);
      if (isRefused(barrier)) return barrier;
      const { next } = held.box();
      if (next === null || next.id === held.master().id) break;
      let some = 0;
      for await (const page of tenantPages()) {
        const rows = page.flatMap((row) => {
          if (row.kek === next.id) return [];
          const fresh = sealTenantKey(next, row.tenant, openTenantRow(held, row.tenant, row), random);
          return [{ tenant: row.tenant, version: row.version, before: row.wrapped, kek: next.id, wrapped: fresh }];
        });
        if (rows.length > 0) some += await system((tx) => rewrapTenantKeys(tx, rows));
      }
      wrapped += some;
      if (some === 0) break;
    }
    await onStep({ step: 'tenant keys wrapped', done: wrapped });
    const kept = await keepSurvivors();
    if (isRefused(kept)) return kept;
    await onStep({ step: 'survivors written', done: kept });
    const replaced = await inTurn(async () => {
      const { next } = held.box();
      if (next === null || next.id === held.master().id) return;
      const seal = (await readSeal(held.location))?.seal ?? { by: 'file' };
      await replaceKeyFile(held.location, { key: next.key, of: held.master().id, wanted: seal }, random);
    });
    if (isRefused(replaced)) return replaced;
    await onStep({ step: 'key file replaced', done: wrapped });
    const forgotten = await inTurn(async () => {
      await held.store({ ...held.box(), next: null });
      return held.master().id;
    });
    if (isRefused(forgotten)) return forgotten;
    await onStep({ step: 'old key forgotten', done: wrapped });
    return { wrapped, survivors: kept, keyId: forgotten };
  }

  /** One more version for each tenant that has one: those that have two were reached by a round that was killed. */
  async function addVersions(): Promise<number | Refusal> {
    let tenants = 0;
    for (let after: readonly [string, number] = ['', 0]; ; ) {
      const done = await inTurn(async (tx) => {
        const page = await pageOfTenantKeys(tx, after, PAGE);
        const last = page.at(-1);
        if (last === undefined) return null;
        // A tenant's versions may go on in the next page: it is looked at there.
        const whole = page.length < PAGE ? page : page.filter(({ tenant }) => tenant !== last.tenant);
        for (const row of whole) {
          if (whole.some((other) => other.tenant === row.tenant && other.version !== row.version)) continue;
          const key: TenantKey = { version: row.version + 1, wrapping: newKey(random), index: openTenantRow(held, row.tenant, row).index };
          const kek = held.wrapping();
          const wrapped = sealTenantKey(kek, row.tenant, key, random);
          await addTenantVersion(tx, { tenant: row.tenant, version: key.version, kek: kek.id, wrapped, createdAt: at() });
          tenants += 1;
        }
        const end = page.length < PAGE ? last : (whole.at(-1) ?? last);
        return { after: [end.tenant, MAX_INTEGER] as const, isLast: page.length < PAGE };
      });
      if (isRefused(done)) return done;
      if (done === null || done.isLast) return tenants;
      after = done.after;
    }
  }

  /** INVARIANT: the list of survivors no longer needs the older versions before they are dropped. */
  async function finishTenants(onStep: OnStep): Promise<RoundReport | Refusal> {
    // Whoever adds a key from here on sees the new versions; who had begun before is waited for.
    const barrier = await alone(async () => true);
    if (isRefused(barrier)) return barrier;
    const wrapped = await rewrap(onStep);
    await onStep({ step: 'wrapped', done: wrapped });
    const kept = await keepSurvivors(true);
    if (isRefused(kept)) return kept;
    await onStep({ step: 'survivors written', done: kept });
    const dropped = await alone((tx) => dropTenantVersions(tx));
    if (isRefused(dropped)) return dropped;
    if (dropped === null) return refuse('VAULT_KEY_STILL_USED', sentence('VAULT_KEY_STILL_USED'));
    await onStep({ step: 'versions dropped', done: wrapped });
    return { wrapped, survivors: kept };
  }

  return {
    async beginFile() {
      const begun = await inTurn(async () => {
        const box = held.box();
        if (box.next === null) await held.store({ ...box, next: masterKeyOf(newKey(random).export()) });
      });
      return isRefused(begun) ? begun : null;
    },
    finishFile,
    isFileOpen: () => held.box().next !== null,
    addVersions,
    finishTenants,
    areTenantsOpen: async () => (await system((tx) => countTenantKeys(tx, held.master().id))).older > 0,
  };
}
