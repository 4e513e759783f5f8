// Every code of the vault. Sentences name no secret, no subject and no path of a value.

import type { CodeTable } from '#core';

export const vaultCodes: CodeTable = {
  VAULT_KEY_FILE_UNUSABLE: {
    kind: 'fault',
    status: 503,
    sentence:
      'The vault\u2019s key file can not be used; put the right file back with mode 0600, outside the data folder. Without it sealed data stays sealed.',
  },
  VAULT_SEALED_UNREADABLE: {
    kind: 'fault',
    status: 500,
    sentence: 'A sealed value does not open: it was changed, or belongs to another tenant, purpose or subject.',
  },
  VAULT_SUBJECT_ERASED: {
    kind: 'fault',
    status: 410,
    sentence: 'The key of this value\u2019s subject was erased, so the value is gone for good.',
  },
  VAULT_CREDENTIAL_INVALID: {
    kind: 'usage',
    status: 400,
    sentence:
      'The credential can not be stored: check its name, header, origin, path prefix and methods, and that the secret is 8 to 4096 printable characters.',
  },
  VAULT_CREDENTIAL_UNKNOWN: {
    kind: 'refusal',
    status: 403,
    sentence: 'The integration\u2019s credential does not exist any more; store it again.',
  },
  VAULT_CREDENTIAL_OUT_OF_SCOPE: {
    kind: 'refusal',
    status: 403,
    sentence: 'The credential is bound to another origin, method or path than this call uses; it was not given out.',
  },
  VAULT_CREDENTIAL_NOT_HELD: {
    kind: 'refusal',
    status: 403,
    sentence: 'The credential belongs to an integration that this workload, or the approved version of its workflow, may not reach.',
  },
  VAULT_KNOWN_VALUES_FULL: {
    kind: 'fault',
    status: 507,
    sentence: 'This run has seen more personal values than can be remembered, so nothing more can be masked reliably; start a new run.',
  },
  VAULT_INPUT_INVALID: {
    kind: 'usage',
    status: 400,
    sentence: 'A purpose, subject or value handed to the vault is empty or too large.',
  },
  VAULT_ERASURE_JOURNAL_UNUSABLE: {
    kind: 'fault',
    status: 503,
    sentence: 'The file that remembers erasures can not be used, so nothing was erased; make it writable for the server\u2019s user alone.',
  },
  VAULT_CLOSED: { kind: 'fault', status: 503, sentence: 'The vault is shut.' },
};
