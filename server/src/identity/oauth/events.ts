// What the authorization server writes into the ledger: references, words and scopes, never a token, a code or an address of a program.

import { type EventCatalogue, fact } from '#core';

const { flag, listOf, name, nullable, reference, word } = fact;
const CLIENT = 'oac_01a205c7-6d01-7c1e-9f0a-52b7d1c0e3aa';

export const oauthEvents: EventCatalogue = [
  {
    type: 'identity.client.added',
    meaning: 'An OAuth client was registered, or an app became known by the first consent of a person.',
    facts: { kind: word, workload: reference, bound: flag },
    example: { kind: 'service', workload: 'wkl_01a205c7-6d01-7c1e-9f0a-52b7d1c0e3aa', bound: true },
    privileged: true,
  },
  {
    type: 'identity.client.removed',
    meaning: 'An OAuth client was removed; every token and consent of it ended.',
    facts: {},
    example: {},
    privileged: true,
  },
  {
    type: 'identity.consent.given',
    meaning: 'A person let an app act in their name on the integrations that are named.',
    facts: { client: reference, integrations: listOf(name) },
    example: { client: CLIENT, integrations: ['demo-shop'] },
    privileged: true,
  },
  {
    type: 'identity.consent.denied',
    meaning: 'A person did not let an app act in their name.',
    facts: { client: nullable(reference), reason: word },
    example: { client: CLIENT, reason: 'denied' },
  },
  {
    type: 'identity.consent.ended',
    meaning: 'A consent ended with all its tokens; the reason says whether somebody ended it or a used-up token came again.',
    facts: { client: reference, reason: word },
    example: { client: CLIENT, reason: 'reused' },
    privileged: true,
  },
  {
    type: 'identity.token.issued',
    meaning: 'An access token was issued to a client; what it reaches is named.',
    facts: { grant: word, client: reference, integrations: listOf(name), bound: flag },
    example: { grant: 'client_credentials', client: CLIENT, integrations: ['demo-shop'], bound: false },
  },
  {
    type: 'identity.token_keys.replaced',
    meaning: 'Somebody replaced the keys that sign access tokens; every token made before is void.',
    facts: {},
    example: {},
    privileged: true,
  },
  {
    type: 'identity.token.revoked',
    meaning: 'A client gave an access token back before it expired.',
    facts: {},
    example: {},
  },
];
