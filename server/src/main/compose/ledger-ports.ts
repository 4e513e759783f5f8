// The ledger and the unresolved effects for the control plane.

import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Verdict } from '#audit';
import type { ControlPorts } from '#control';
import { formatTime, type JsonObject, newId, SallyportError } from '#core';
import { resolveEffect } from '#enforcement';
import { systemClock, systemRandom } from '../world.ts';
import type { OpenDatabase } from './database.ts';
import type { Rooms } from './rooms.ts';

const VERIFY_TIMEOUT_MS = 10 * 60_000;

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
        open.database.inTenant(person.tenant, (tx) =>
          resolveEffect(
            {
              effects: rooms.effects,
              limits: rooms.guard.limits,
              execution: rooms.approvals,
              events: rooms.guard.events,
              clock: systemClock,
              random: systemRandom,
            },
            tx,
            { tenant: person.tenant, effectKey, outcome, actor: person.person, by: 'person' },
          ),
        ),
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
      event: async (tenant, seq) => {
        const head = (await rooms.ledger.list(tenant, { limit: 1 }))[0];
        if (head === undefined || seq > head.seq) return null;
        const proof = await rooms.ledger.prove(tenant, seq);
        const actor = String((JSON.parse(proof.leaf) as JsonObject).actor);
        const by = (await rooms.ledger.actorsBehind(tenant, [actor])).get(actor) ?? null;
        return { seq, leaf: proof.leaf, treeSize: proof.head.size, treeRoot: proof.head.root, by };
      },
      verify: async (person) => {
        const folder = await mkdtemp(join(tmpdir(), 'sallyport-verify-'));
        try {
          const path = join(folder, 'pack.ndjson');
          await rooms.ledger.exportPack({ tenant: person.tenant, path, actor: person.person });
          const { verifierKey } = rooms.ledger;
          const verdict = await runVerifier(path, verifierKey);
          const { ok, code, message, firstBad, events, unsealed, globalSize } = verdict;
          await rooms.events.append({
            id: newId('evt', systemClock, systemRandom),
            tenant: person.tenant,
            type: 'audit.ledger.verified',
            occurredAtMs: systemClock.now(),
            actor: person.person,
            subject: person.tenant,
            public: { ok, code, events, globalSize },
            sealed: null,
          });
          return {
            ok,
            code,
            message,
            firstBad,
            events,
            unsealed,
            globalSize,
            verifierKey,
            verifiedAt: formatTime(systemClock.now()),
          };
        } finally {
          await rm(folder, { recursive: true, force: true });
        }
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

const VERIFIER = join(import.meta.dirname, '../../audit/verifier/sallyport-verify.ts');

/** In a process of its own: it shares nothing with this one, and checking a long ledger holds up no call. */
function runVerifier(pack: string, key: string): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [VERIFIER, pack, '--key', key, '--json'], { timeout: VERIFY_TIMEOUT_MS, env: {} }, (_fault, stdout) => {
      // Exit code 1 says "not verified", which is an answer.
      try {
        resolve(JSON.parse(stdout) as Verdict);
      } catch (cause) {
        reject(
          new SallyportError('MAIN_VERIFIER_FAILED', 'The verifier gave no verdict; download the pack and run `sallyport verify` on it.', {
            cause,
          }),
        );
      }
    });
  });
}

async function* readAndRemove(path: string, folder: string): AsyncIterable<string> {
  try {
    for await (const chunk of createReadStream(path, { encoding: 'utf8' })) yield chunk as string;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
