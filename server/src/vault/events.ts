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
    type: 'vault.subject.erased',
    meaning: 'The key of one data subject was destroyed; what was sealed for that subject can not be read again.',
    facts: {},
    example: {},
    privileged: true,
  },
];
