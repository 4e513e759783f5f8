// What company logins and provisioning write into the ledger: references, words and counts, never a name, an address or a token.

import { type EventCatalogue, fact } from '#core';

const { code, count, flag, listOf, name, optional, origin, reference, time, word } = fact;

const GROUP = 'grp_01a205c7-6e02-7b1d-8c4e-31a7c9d0b5f2';
const PROVIDER = 'idp_01a205c7-6f01-7c1e-9f0a-52b7d1c0e3aa';

export const federationEvents: EventCatalogue = [
  {
    type: 'identity.sso.saved',
    meaning: 'A company login was set up or changed; issuer, mode and whether it is offered are named.',
    facts: { name, issuer: origin, mode: word, enabled: flag, changed: listOf(name) },
    example: { name: 'okta', issuer: 'https://example.okta.com', mode: 'invited', enabled: true, changed: ['mode'] },
    privileged: true,
  },
  {
    type: 'identity.sso.removed',
    meaning: 'A company login was removed; nobody comes in by it any more.',
    facts: { name },
    example: { name: 'okta' },
    privileged: true,
  },
  {
    type: 'identity.sso.linked',
    meaning: 'An account of a company login was linked to a person here.',
    facts: { provider: reference, by: word },
    example: { provider: PROVIDER, by: 'first_sign_in' },
    privileged: true,
  },
  {
    type: 'identity.sso.refused',
    meaning: 'Somebody whom a company login knows was not let in.',
    facts: { code },
    example: { code: 'IDENTITY_SSO_NOT_ADMITTED' },
  },
  {
    type: 'identity.sso.groups',
    meaning: 'A sign-in changed in which mapped groups a person is.',
    facts: { added: listOf(reference), removed: listOf(reference) },
    example: { added: [GROUP], removed: [] },
    privileged: true,
  },
  {
    type: 'identity.scim_token.created',
    meaning: 'A token for provisioning (SCIM) was made; until when earlier ones work is named.',
    facts: { overlapUntil: optional(time) },
    example: { overlapUntil: '2027-02-21T00:21:24.237Z' },
    privileged: true,
  },
  {
    type: 'identity.scim_token.orphaned',
    meaning: 'Somebody who left was shown a token for provisioning (SCIM) that still works: it has to be replaced.',
    facts: { tokens: count },
    example: { tokens: 1 },
  },
  {
    type: 'identity.scim_tokens.removed',
    meaning: 'Provisioning (SCIM) was switched off: none of its tokens works any more.',
    facts: { tokens: count },
    example: { tokens: 1 },
    privileged: true,
  },
  {
    type: 'identity.scim_user.changed',
    meaning: 'Provisioning changed what is kept of a person; the attributes are named.',
    facts: { changed: listOf(name) },
    example: { changed: ['displayName'] },
  },
  {
    type: 'identity.person.restored',
    meaning: 'A person who was removed has the account again, and nothing of what they had.',
    facts: {},
    example: {},
    privileged: true,
  },
  {
    type: 'identity.scim_group.created',
    meaning: 'Provisioning made a group; how many are in it is named.',
    facts: { members: count },
    example: { members: 12 },
    privileged: true,
  },
  {
    type: 'identity.scim_group.changed',
    meaning: 'Provisioning renamed a group, or changed who is in it.',
    facts: { renamed: flag, added: count, removed: count },
    example: { renamed: false, added: 0, removed: 1 },
    privileged: true,
  },
  {
    type: 'identity.scim_group.removed',
    meaning: 'Provisioning removed a group; whoever was in it lost what it granted.',
    facts: { members: count },
    example: { members: 12 },
    privileged: true,
  },
];
