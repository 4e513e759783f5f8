// Every code this room can raise.

import type { CodeTable } from '#core';

export const auditCodes: CodeTable = {
  AUDIT_KEY_UNUSABLE: {
    kind: 'fault',
    status: 500,
    sentence: 'The audit signing key file is missing, readable by others, or not an Ed25519 key; restore it or fix its mode to 0600.',
  },
  AUDIT_KEY_EXISTS: {
    kind: 'fault',
    status: 500,
    sentence: 'An audit signing key file already exists at that path and is never overwritten; move it away or use it.',
  },
  AUDIT_KEY_FOREIGN: {
    kind: 'fault',
    status: 500,
    sentence: 'The audit signing key does not belong to this ledger; put back the key file that was used when it was created.',
  },
  AUDIT_LEDGER_ROLLED_BACK: {
    kind: 'fault',
    status: 500,
    sentence:
      'The ledger in the database does not continue the last checkpoint signed on this machine; nothing is signed until it is restored.',
  },
  AUDIT_LEDGER_INCONSISTENT: {
    kind: 'fault',
    status: 500,
    sentence: 'The stored ledger disagrees with its own tree; export it and compare with a saved checkpoint.',
  },
  AUDIT_ANCHOR_UNUSABLE: {
    kind: 'fault',
    status: 500,
    sentence: 'The file that remembers the last signed checkpoint can not be read or written; fix it so that checkpoints can be signed.',
  },
  AUDIT_EXPORT_FAILED: {
    kind: 'fault',
    status: 500,
    sentence: 'The audit export could not be written; the target must be a new file in a writable folder.',
  },
  AUDIT_NOTHING_SEALED: {
    kind: 'usage',
    status: 409,
    sentence: 'This tenant has no sealed event yet; wait a second for the sequencer or check that it runs.',
  },
  AUDIT_EVENT_UNKNOWN: {
    kind: 'usage',
    status: 404,
    sentence: 'No sealed event has that sequence number in this tenant.',
  },
};
