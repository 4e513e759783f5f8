// A program that is killed: writes events and prints the id of each one that was acknowledged, or runs a sequencer. Started by ledger-trial.ts.

import { randomBytes } from 'node:crypto';
import { argv, stdout } from 'node:process';
import { testEvents } from '@sallyport/testkit';
import { newId, type TenantId } from '#core';
import { appendEvents, createDatabase, createEventWriter } from '#storage';
import { createFileAnchor } from '../anchor.ts';
import { createSequencer } from '../sequencer.ts';
import { loadSigningKey } from '../signing/signing-key.ts';
import { testActorCipher } from './actor-cipher.ts';

export interface WorkerSettings {
  readonly role: 'write' | 'sequence';
  readonly url: string;
  readonly keyPath: string;
  readonly anchorPath: string;
  readonly tenants: readonly TenantId[];
}

const settings = JSON.parse(argv[2] as string) as WorkerSettings;
const clock = { now: () => Date.now() };
const random = { bytes: (count: number) => randomBytes(count) };
const db = createDatabase({ url: settings.url, poolSize: 8, events: testEvents, onFault: () => undefined });

function eventOf(tenant: TenantId) {
  return {
    id: newId('evt', clock, random),
    tenant,
    type: 'storage.test.written',
    occurredAtMs: clock.now(),
    actor: `workload:wkl_${random.bytes(1)[0]}`,
    subject: newId('call', clock, random),
    public: { name: 'get_order' },
    sealed: randomBytes(64),
  };
}

function sequence(): void {
  const signer = loadSigningKey(settings.keyPath);
  const anchor = createFileAnchor(settings.anchorPath, signer);
  // Retries come quickly here, so that a short run sees many restarts.
  createSequencer({
    db,
    actors: testActorCipher().actors,
    signer,
    anchor,
    clock,
    random,
    onFault: (fault) => stdout.write(`fault ${(fault as { code?: string }).code}\n`),
  }).start();
}

/** One caller: every other event by the group-commit writer, the rest in a transaction of its own, as effects are. */
async function write(caller: number): Promise<void> {
  const writer = createEventWriter(db);
  for (let at = 0; ; at += 1) {
    const tenant = settings.tenants[(caller + at) % settings.tenants.length] as TenantId;
    const event = eventOf(tenant);
    try {
      if (at % 2 === 0) await writer.append(event);
      else await db.inTenant(tenant, (tx) => appendEvents(tx, [event]));
      stdout.write(`acked ${event.id}\n`);
      // A caller that is not sure repeats the same event: it must be there once.
      if (at % 7 === 0) await db.inTenant(tenant, (tx) => appendEvents(tx, [event]));
    } catch {
      // Not acknowledged, so nothing is promised; the next event is another one.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

if (settings.role === 'sequence') sequence();
else await Promise.all(Array.from({ length: 4 }, (_, caller) => write(caller)));
