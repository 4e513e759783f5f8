// The ledger and the unresolved effects for the control plane.

import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControlPorts } from '#control';
import { type ApprovalId, formatTime, newId } from '#core';
import { appendEvents } from '#storage';
import { systemClock, systemRandom } from '../world.ts';
import type { OpenDatabase } from './database.ts';
import type { Rooms } from './rooms.ts';

export function ledgerPorts(rooms: Rooms, open: OpenDatabase): Pick<ControlPorts, 'effects' | 'ledger'> {
  return {
    effects: {
      unresolved: (tenant) =>
        open.database.inTenant(tenant, async (tx) =>
          (await rooms.effects.listUnresolved(tx, tenant)).map((effect) => ({
            effectKey: effect.effectKey,
            call: effect.call,
            integration: effect.integration,
            operation: effect.operation,
            sentAt: formatTime(effect.createdAtMs),
          })),
        ),
      resolve: (person, effectKey, outcome) =>
        open.database.inTenant(person.tenant, async (tx) => {
          const effect = await rooms.effects.resolve(tx, person.tenant, effectKey, outcome);
          if (effect === null) return false;
          if (effect.reservation !== null)
            await rooms.guard.limits.settle(tx, effect.reservation, outcome === 'done' ? 'spent' : 'released');
          if (effect.approval !== null) {
            const approval = effect.approval as ApprovalId;
            await rooms.approvals.finish(tx, { tenant: person.tenant, approval, outcome, code: null, sealedResult: null });
          }
          await appendEvents(tx, [
            {
              id: newId('evt', systemClock, systemRandom),
              tenant: person.tenant,
              type: 'enforcement.effect.resolved',
              occurredAtMs: systemClock.now(),
              actor: person.person,
              subject: effect.call,
              public: { outcome, integration: effect.integration, operation: effect.operation },
              sealed: null,
            },
          ]);
          return true;
        }),
    },
    ledger: {
      status: async (tenant) => {
        const newest = (await rooms.ledger.list(tenant, { limit: 1 })).at(0)?.seq;
        return {
          sealedEvents: newest === undefined ? 0 : newest + 1,
          verifierKey: rooms.ledger.verifierKey,
          checkpoint: await rooms.ledger.checkpoint(tenant),
        };
      },
      export: async (person) => {
        const folder = await mkdtemp(join(tmpdir(), 'sallyport-export-'));
        const path = join(folder, 'pack.ndjson');
        await rooms.ledger.exportPack({ tenant: person.tenant, path, actor: person.person });
        return readAndRemove(path, folder);
      },
    },
  };
}

async function* readAndRemove(path: string, folder: string): AsyncIterable<string> {
  try {
    for await (const chunk of createReadStream(path, { encoding: 'utf8' })) yield chunk as string;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
