// What the control plane itself writes into the ledger: requests of people that were denied, with the identities the denial rests on.

import { type EventCatalogue, fact } from '#core';

const { code, count, listOf, name, nullable, reference, word } = fact;

export const controlEvents: EventCatalogue = [
  {
    type: 'control.sign_in.refused',
    meaning:
      'Somebody tried to come in and was not let in: how it was tried and why not, nothing of who or from where. Of many in a row the first few are events of their own, the rest one with a count.',
    facts: { how: word, code, times: count },
    example: { how: 'passkey', code: 'IDENTITY_PASSKEY_INVALID', times: 1 },
  },
  {
    type: 'control.access.denied',
    meaning:
      'A person was denied something; the action, the code, the session, its device and the roles are named. Of many in a row the first few are events of their own, the rest one with a count.',
    facts: { action: name, code, times: count, session: reference, device: nullable(reference), method: word, roles: listOf(name) },
    example: {
      action: 'keys.manage',
      code: 'CONTROL_ROLE_FORBIDDEN',
      times: 1,
      session: 'ses_01a205c7-6e02-7b1d-8c4e-31a7c9d0b5f2',
      device: 'dev_5f2c1d0e9b8a7f6e5d4c3b2a19080706',
      method: 'passkey',
      roles: ['marketer'],
    },
  },
];
