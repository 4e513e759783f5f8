// Events of backups and restores. They concern the whole installation: those of backups go to the first tenant's log, that a
// database was put back to the log of every tenant, with what it meant for that tenant.

import { type EventCatalogue, fact } from '#core';

const { code, count, flag, hash, nullable, optional, recordOf, reference, time } = fact;

const BACKUP = 'bak_01a205c7-6ddc-7ba6-b4cd-20ec7d51a45d';
const DIGEST = '4321afa613f10e7c873df08d2e74fc3e151bfb5724a6e6b158f0a29bc0ab11d2';

export const storageEvents: EventCatalogue = [
  {
    type: 'storage.backup.created',
    meaning: 'A backup was made, or an attempt failed with the code; rows, chunks and the digest of its manifest are named.',
    facts: { ok: flag, code: nullable(code), tables: count, rows: count, bytes: count, chunks: count, digest: nullable(hash) },
    example: { ok: true, code: null, tables: 44, rows: 182_000, bytes: 41_000_000, chunks: 61, digest: DIGEST },
  },
  {
    type: 'storage.backup.verified',
    meaning: 'Every chunk of a backup was opened, counted and compared with its manifest; the verdict is named.',
    facts: { ok: flag, code: nullable(code), rows: count, chunks: count },
    example: { ok: true, code: null, rows: 182_000, chunks: 61 },
  },
  {
    type: 'storage.backup.drilled',
    meaning:
      'A backup was restored into a scratch database; its rows and the ledger’s roots, computed anew, were compared with the snapshot.',
    facts: { ok: flag, code: nullable(code), tables: count, rows: count, events: count, root: nullable(hash), durationMs: count },
    example: { ok: true, code: null, tables: 44, rows: 182_000, events: 120_000, root: DIGEST, durationMs: 61_000 },
  },
  {
    type: 'storage.backup.deleted',
    meaning: 'A backup was deleted, by a person or because more were kept than set.',
    facts: { createdAt: nullable(time) },
    example: { createdAt: '2026-11-02T00:10:00.000Z' },
    privileged: true,
  },
  {
    type: 'storage.restore.started',
    meaning: 'This database was put back to an older state, from the backup named, or by other means when none is.',
    facts: { backup: nullable(reference) },
    example: { backup: BACKUP },
    privileged: true,
  },
  {
    type: 'storage.restore.confirmed',
    meaning:
      'A person said yes to going on from a restored database; `needed` people must, and somebody who is alone waits until `runsAt`.',
    facts: { needed: count, yes: count, runsAt: nullable(time), signed: optional(flag), passkey: optional(nullable(hash)) },
    example: {
      needed: 2,
      yes: 1,
      runsAt: null,
      signed: true,
      passkey: '9d1f0c7b4be2f7c35b8f0c3a9ab7f6a0c94d1a5b7e3f2c6d8190a2b4c6d8e0f2',
    },
    privileged: true,
  },
  {
    type: 'storage.restore.finished',
    meaning:
      'What a restore meant for this tenant: sessions and links ended, approvals voided, runs stopped, erasures made again, effects of unknown outcome.',
    facts: {
      backup: nullable(reference),
      events: count,
      sessions: count,
      links: count,
      approvals: count,
      runs: count,
      erasures: count,
      unknownEffects: count,
      lostSealings: nullable(count),
      departed: optional(recordOf(count)),
    },
    example: {
      backup: BACKUP,
      events: 4_100,
      sessions: 3,
      links: 1,
      approvals: 2,
      runs: 1,
      erasures: 1,
      unknownEffects: 0,
      lostSealings: 12,
    },
  },
];
