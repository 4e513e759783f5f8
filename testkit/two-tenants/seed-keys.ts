// Rows of keys and of what was sealed anew, for the differential test.

import { AT_MS } from './seed-time.ts';

const at = new Date(AT_MS).toISOString();
const hex = (byte: string): string => `\\x${byte.repeat(32)}`;
const key = { tenant_key: 1, wrap_key: 1, epoch: 0, wrapped: hex('08'), created_at: at };

export const keysSeed: Readonly<Record<string, readonly object[]>> = {
  vault_tenant_keys: [{ version: 1, kek: 'k', wrapped: hex('07'), created_at: at }],
  vault_subject_keys: [
    { id: 'sk1', subject: 'customer:1', generation: 2, ...key },
    // The one that the known values of the seed are under.
    { id: Buffer.alloc(16, 0x0a).toString('base64url'), subject: 'customer:2', generation: 1, ...key },
  ],
  vault_erasures: [{ key: 'sk0', epoch: 0, erased_at: at }],
  vault_reencryptions: [{ generation: 2, state: 'done', asked_by: 'per_1', sealed: 3, erased: 1, started_at: at, finished_at: at }],
  vault_reencryption_faults: [{ place: 'effects.result', ref: 'eff_1', generation: 2, code: 'VAULT_SEALED_UNREADABLE', keys: ['sk1'] }],
};
