// Every code of the vault. Sentences name no secret, no subject and no path of a value.

import type { CodeTable } from '#core';

export const vaultCodes: CodeTable = {
  VAULT_KEY_FILE_UNUSABLE: {
    kind: 'fault',
    status: 503,
    sentence:
      'The vault\u2019s key file can not be used; put the right file back with mode 0600, outside the data folder. Without it sealed data stays sealed.',
  },
  VAULT_KEY_SEALED: {
    kind: 'fault',
    status: 503,
    sentence:
      'The key file is sealed and can not be opened here: give the passphrase (setting passphraseFile, or type it at the start), or the access to the KMS that seals it.',
  },
  VAULT_PASSPHRASE_WRONG: {
    kind: 'fault',
    status: 503,
    sentence: 'The passphrase does not open the key file. Nothing was changed; start again with the right one, or use the recovery kit.',
  },
  VAULT_PASSPHRASE_UNFIT: {
    kind: 'usage',
    status: 400,
    sentence: 'A passphrase for the key file has 12 to 1024 characters; several words picked at random are easy to type.',
  },
  VAULT_KMS_REFUSED: {
    kind: 'fault',
    status: 503,
    sentence: 'The KMS refused to open or seal the key: look at the key\u2019s policy, its state, and the credentials of this server.',
  },
  VAULT_KMS_UNREACHABLE: {
    kind: 'fault',
    status: 503,
    sentence:
      'The KMS could not be reached or answered what it should not; the server does not start without its key. Try again when it answers.',
  },
  VAULT_KEY_BOX_UNUSABLE: {
    kind: 'fault',
    status: 503,
    sentence: 'The key box beside the key file (vault-epochs) can not be used; put back the newest copy of it, with mode 0600.',
  },
  VAULT_EPOCH_MISSING: {
    kind: 'fault',
    status: 503,
    sentence:
      'This process does not have the key epoch that the database uses: every process needs the same secrets folder; put the newest vault-epochs file there.',
  },
  VAULT_SURVIVORS_UNUSABLE: {
    kind: 'fault',
    status: 503,
    sentence:
      'The list of keys that outlived the last epoch (vault-survivors) is missing, older than the key box or damaged; put its newest copy beside the key file.',
  },
  VAULT_ROUND_BUSY: {
    kind: 'refusal',
    status: 409,
    sentence: 'Another process works on the keys; it will finish by itself.',
  },
  VAULT_KEY_STILL_USED: {
    kind: 'refusal',
    status: 409,
    sentence: 'Keys are still wrapped under an older version of a tenant key; run the re-wrap first.',
  },
  VAULT_REENCRYPTION_RUNNING: {
    kind: 'refusal',
    status: 409,
    sentence: 'The values of this tenant are being sealed anew; older keys can be destroyed when that has ended.',
  },
  VAULT_NOTHING_SEALED: {
    kind: 'refusal',
    status: 404,
    sentence: 'Nothing is sealed for that tenant, or there is no such tenant.',
  },
  VAULT_OLDER_FORMS_LEFT: {
    kind: 'refusal',
    status: 409,
    sentence: 'Sealed values of an older form are left, which would open no more; run `sallyport keys re-encrypt` first.',
  },
  VAULT_RECOVERY_KIT_INVALID: {
    kind: 'usage',
    status: 400,
    sentence: 'That is not a recovery kit of this product: a group of characters is mistyped, missing or in another order.',
  },
  VAULT_SEALED_UNREADABLE: {
    kind: 'fault',
    status: 500,
    sentence: 'A sealed value does not open: it was changed, or belongs to another tenant, purpose or subject.',
  },
  VAULT_FORM_TOO_OLD: {
    kind: 'fault',
    status: 500,
    sentence:
      'A sealed value is of a form that is older than what may be opened here: run `sallyport keys re-encrypt`, or allow it again with `sallyport keys minimum`.',
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
  VAULT_TOKEN_PURPOSE_UNKNOWN: {
    kind: 'usage',
    status: 404,
    sentence: 'Nobody declared that purpose of tokens; declare it with its kinds of data, who may open them and how long they are kept.',
  },
  VAULT_TOKEN_PURPOSE_ENDED: {
    kind: 'refusal',
    status: 410,
    sentence: 'That purpose was ended and its tokens were destroyed; they open no more.',
  },
  VAULT_TOKEN_PURPOSES_FULL: {
    kind: 'refusal',
    status: 409,
    sentence: 'There are as many purposes of tokens as there may be; end one that is over.',
  },
  VAULT_TOKEN_CLASS: {
    kind: 'usage',
    status: 400,
    sentence: 'The purpose does not cover that kind of data, or nothing may stand for it; credentials and gift cards get no token.',
  },
  VAULT_TOKEN_CARD: {
    kind: 'usage',
    status: 400,
    sentence: 'A value holds a card number, which is kept under no other class; send it as payment_card.',
  },
  VAULT_TOKEN_VALUE: {
    kind: 'usage',
    status: 400,
    sentence: 'A value is empty or longer than 4096 characters.',
  },
  VAULT_TOKEN_FORM: {
    kind: 'usage',
    status: 400,
    sentence: 'No stand-in has the form of that kind of data: only e-mail addresses, phone numbers, card numbers and IBANs have one.',
  },
  VAULT_TOKEN_FORM_FULL: {
    kind: 'refusal',
    status: 409,
    sentence: 'Too few free stand-ins of that form are left in this purpose; use tokens without a form, or another purpose.',
  },
  VAULT_TOKEN_NOT_OPENER: {
    kind: 'refusal',
    status: 403,
    sentence: 'The purpose was not declared for you to open its tokens; ask whoever declares purposes.',
  },
  VAULT_TOKEN_TOO_MANY: {
    kind: 'refusal',
    status: 429,
    sentence: 'You opened as many tokens of that purpose within an hour as anybody may; go on later.',
  },
  VAULT_TOKEN_UNKNOWN: {
    kind: 'refusal',
    status: 404,
    sentence: 'There is no such token in that purpose.',
  },
  VAULT_TOKEN_GONE: {
    kind: 'refusal',
    status: 410,
    sentence: 'The token is gone for good: the person was erased, or the time it was kept for is over.',
  },
  VAULT_TOKEN_IRREVERSIBLE: {
    kind: 'refusal',
    status: 410,
    sentence: 'The token stands for a card number, which is never kept; nobody can open it.',
  },
  VAULT_CLOSED: { kind: 'fault', status: 503, sentence: 'The vault is shut.' },
};
