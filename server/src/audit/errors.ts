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
  AUDIT_KEY_MISSING: {
    kind: 'fault',
    status: 500,
    sentence:
      'A signing key of this ledger is not in this server\u2019s secrets folder; copy the key file from the server that made it. Until then this server signs nothing.',
  },
  AUDIT_ROTATION_UNDER_WAY: {
    kind: 'usage',
    status: 409,
    sentence:
      'The last rotation of the audit key is not finished: both keys still sign; finish it first, or wait until its seven days are over.',
  },
  AUDIT_ROTATION_NONE: {
    kind: 'usage',
    status: 409,
    sentence: 'There is no rotation of the audit key to finish: one key signs.',
  },
  AUDIT_EPOCH_NOTE_UNUSABLE: {
    kind: 'usage',
    status: 409,
    sentence: 'A checkpoint given for the new epoch is not one that this ledger signed, or not of the state that was restored.',
  },
  AUDIT_EPOCH_UNACCOUNTED: {
    kind: 'fault',
    status: 500,
    sentence:
      'The ledger begins a new epoch that does not commit to what was signed before it; nothing is signed until the restore is done again with the last checkpoint.',
  },
  AUDIT_LEDGER_ROLLED_BACK: {
    kind: 'fault',
    status: 500,
    sentence:
      'The ledger in the database does not continue the last checkpoint signed on this machine; nothing is signed until it is restored.',
  },
  AUDIT_INDEX_CHANGED: {
    kind: 'fault',
    status: 500,
    sentence:
      'A part of the index of the log did not say what the log says and was made again: somebody changed it. Answers may have been incomplete.',
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
  AUDIT_CURSOR_INVALID: {
    kind: 'usage',
    status: 400,
    sentence: 'This is not where a page of this question ended; ask for the first page again.',
  },
  AUDIT_PAYLOAD_CHANGED: {
    kind: 'fault',
    status: 500,
    sentence: 'What is kept beside this event is not what its leaf commits to; verify the ledger.',
  },
  AUDIT_EVENT_UNKNOWN: {
    kind: 'usage',
    status: 404,
    sentence: 'No sealed event has that sequence number in this tenant.',
  },
  AUDIT_WITNESS_KEY_UNUSABLE: {
    kind: 'fault',
    status: 500,
    sentence: 'The witness has no key file that it can use; make one with `sallyport witness init`, or restore it with mode 0600.',
  },
  AUDIT_WITNESS_EXISTS: {
    kind: 'usage',
    status: 409,
    sentence: 'That folder has a witness already; its key is never overwritten.',
  },
  AUDIT_WITNESS_NAME_INVALID: {
    kind: 'usage',
    status: 400,
    sentence: 'The name of a witness has no spaces, plus signs or control characters.',
  },
  AUDIT_WITNESS_LOG_KEY_INVALID: {
    kind: 'usage',
    status: 400,
    sentence: 'A log key handed to the witness is not an Ed25519 verifier key; the message says which.',
  },
  AUDIT_WITNESS_STATE_UNUSABLE: {
    kind: 'fault',
    status: 500,
    sentence: 'The witness can not read or write what it remembers, so it cosigns nothing; check its folder and disk.',
  },
  AUDIT_WITNESS_INCONSISTENT: {
    kind: 'refusal',
    status: 422,
    sentence:
      'A log signed a checkpoint that does not continue the last one the witness cosigned; it was not cosigned, and is kept as evidence.',
  },
  AUDIT_ANCHOR_FOLDER_UNUSABLE: {
    kind: 'fault',
    status: 500,
    sentence:
      'The folder that gets each checkpoint is missing, not writable or full; create or mount it, and the newest checkpoint goes there by itself.',
  },
  AUDIT_ANCHOR_UNAVAILABLE: {
    kind: 'fault',
    status: 502,
    sentence: 'An anchor did not take a checkpoint now; it is tried again by itself with growing pauses.',
  },
  AUDIT_WEBHOOK_REFUSED: {
    kind: 'fault',
    status: 502,
    sentence: 'The receiver of checkpoints answered with an error; look there, and at the secret both sides have.',
  },
  AUDIT_WITNESS_LOG_UNKNOWN: {
    kind: 'fault',
    status: 502,
    sentence:
      'A witness does not know this log; have its operator add the key that `sallyport audit status` prints, of this epoch too after a restore.',
  },
  AUDIT_WITNESS_LOG_KEY_UNKNOWN: {
    kind: 'fault',
    status: 502,
    sentence: 'A witness knows this log by another key; have its operator add the present one, which `sallyport audit status` prints.',
  },
  AUDIT_WITNESS_FORK: {
    kind: 'fault',
    status: 502,
    sentence:
      'A witness says that this ledger does not continue what it was shown before; compare with the checkpoint it keeps before anything else.',
  },
  AUDIT_WITNESS_AHEAD: {
    kind: 'fault',
    status: 502,
    sentence: 'A witness has seen a larger ledger than this one; if that stays, this database is an older copy.',
  },
  AUDIT_WITNESS_REPLY_INVALID: {
    kind: 'fault',
    status: 502,
    sentence: 'A witness answered with something that is no cosignature of its key; compare its key with the policy file.',
  },
  AUDIT_CHECKPOINT_BEYOND: {
    kind: 'usage',
    status: 409,
    sentence:
      'That checkpoint is of a larger ledger than this one: the database is an older copy, or the checkpoint is of another installation.',
  },
  AUDIT_ROLLED_BACK: {
    kind: 'refusal',
    status: 409,
    sentence:
      'The ledger is smaller than when you last saw it: entries at its end are gone. After a stated restore, accept it with --forget.',
  },
  AUDIT_FORKED: {
    kind: 'refusal',
    status: 409,
    sentence:
      'The ledger does not continue what you last saw of it: its history was changed. Keep your checkpoint and compare with witnesses.',
  },
  AUDIT_KEY_NOT_HANDED_OVER: {
    kind: 'refusal',
    status: 409,
    sentence:
      'The ledger is signed by a key that the one you know did not hand over to; compare the key by another channel before you go on.',
  },
  AUDIT_CHECKPOINT_UNSIGNED: {
    kind: 'refusal',
    status: 409,
    sentence:
      'The checkpoint the server shows is not signed by a key of the ledger you know; nothing it says of its ledger can be believed.',
  },
  AUDIT_RESTORE_UNPROVEN: {
    kind: 'refusal',
    status: 409,
    sentence:
      'The ledger began anew after a restore that does not account for what you last saw; ask who restored it, then accept it with --forget.',
  },
  AUDIT_SEALING_LATE: {
    kind: 'fault',
    status: 500,
    sentence: 'Events wait longer to be sealed than they should; look at the server’s log for sequencer.fault.',
  },
  AUDIT_SIGNING_LATE: {
    kind: 'fault',
    status: 500,
    sentence: 'No checkpoint was signed for longer than it should take; look at the server’s log for sequencer.fault.',
  },
  AUDIT_ANCHOR_LATE: {
    kind: 'fault',
    status: 500,
    sentence: 'A required anchor outside the database has not seen the newest checkpoints; its fault says why.',
  },
  AUDIT_WITNESS_QUORUM_LATE: {
    kind: 'fault',
    status: 500,
    sentence: 'Too few witnesses of the policy have cosigned the newest checkpoints.',
  },
  AUDIT_VERIFICATION_LATE: {
    kind: 'fault',
    status: 500,
    sentence: 'The ledger was not verified in time; run `sallyport audit verify`, and look at the log for ledger.verification.fault.',
  },
  AUDIT_VERIFICATION_FAILED: {
    kind: 'fault',
    status: 500,
    sentence: 'The last verification of the ledger found it changed; keep the database as it is and compare with a saved checkpoint.',
  },
};
