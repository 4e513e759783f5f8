// What the vault writes into the ledger: references only, never a value, a subject in clear or a secret.

import { type EventCatalogue, fact } from '#core';

export const vaultEvents: EventCatalogue = [
  {
    type: 'vault.credential.stored',
    meaning: 'A credential was stored or replaced; its origin, methods and header are named, its value is not.',
    facts: { name: fact.name, origin: fact.origin, methods: fact.listOf(fact.code), header: fact.name },
    example: { name: 'demo-shop', origin: 'https://shop.example.com', methods: ['GET', 'POST'], header: 'authorization' },
    privileged: true,
  },
  {
    type: 'vault.credential.dropped',
    meaning: 'A credential was removed and its key destroyed.',
    facts: {},
    example: {},
    privileged: true,
  },
  {
    type: 'vault.epoch.changed',
    meaning: 'The keys that were not erased were wrapped under a new epoch and the old one was destroyed: erasures before it are final.',
    facts: { epoch: fact.count, wrapped: fact.count, destroyed: fact.count },
    example: { epoch: 8, wrapped: 5120, destroyed: 1 },
    privileged: true,
  },
  {
    type: 'vault.key_box.copy_failed',
    meaning: 'The copies of vault-epochs and vault-survivors beside the backups could not be written; no epoch ends until they can.',
    facts: { code: fact.code },
    example: { code: 'VAULT_KEY_BOX_UNUSABLE' },
  },
  {
    type: 'vault.keys.rotated',
    meaning: 'The tenants\u2019 keys, or the key in the key file, were replaced, and what they wrap was wrapped anew.',
    facts: { what: fact.name, wrapped: fact.count },
    example: { what: 'tenants', wrapped: 5120 },
    privileged: true,
  },
  {
    type: 'vault.recovery_kit.printed',
    meaning: 'Somebody printed the recovery kit, which opens everything this installation keeps; it names the key it is for.',
    facts: { key: fact.name, again: fact.flag },
    example: { key: 'kek_0123456789abcdef0123456789abcdef', again: false },
    privileged: true,
  },
  {
    type: 'vault.token.purpose_declared',
    meaning: 'A purpose of tokens was declared or changed: its kinds of data, who may open them, and how long they are kept.',
    facts: {
      purpose: fact.name,
      classes: fact.listOf(fact.name),
      openers: fact.listOf(fact.name),
      keepDays: fact.count,
      changed: fact.flag,
    },
    example: { purpose: 'support', classes: ['email_address'], openers: ['role:privacy'], keepDays: 365, changed: false },
    privileged: true,
  },
  {
    type: 'vault.token.purpose_ended',
    meaning: 'A purpose of tokens was ended: its key and its tokens were destroyed.',
    facts: { purpose: fact.name, tokens: fact.count },
    example: { purpose: 'support', tokens: 1200 },
    privileged: true,
  },
  {
    type: 'vault.token.made',
    meaning: 'Somebody had tokens made for values, or asked again for those there were.',
    facts: { purpose: fact.name, values: fact.count, classes: fact.listOf(fact.name) },
    example: { purpose: 'support', values: 12, classes: ['email_address'] },
  },
  {
    type: 'vault.token.opened',
    meaning: 'Somebody opened tokens, for a reason that is sealed beside, with which ones they were.',
    facts: { opening: fact.reference, purpose: fact.name, asked: fact.count, opened: fact.count },
    example: { opening: 'tko_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4', purpose: 'support', asked: 3, opened: 2 },
    privileged: true,
  },
  {
    type: 'vault.subject.erased',
    meaning: 'The key of one data subject was destroyed; what was sealed for that subject can not be read again.',
    facts: {},
    example: {},
    privileged: true,
  },
];
