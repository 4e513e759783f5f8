// What identity writes into the ledger: references and scopes, never a key, a link, a token or a name of a person.

import { type EventCatalogue, fact } from '#core';

const { flag, name, reference, time, word, listOf, nullable, optional } = fact;

const WORKLOAD = 'wkl_01a205c7-6d01-7c1e-9f0a-52b7d1c0e3aa';
const LATER = '2027-02-21T00:21:24.237Z';

export const identityEvents: EventCatalogue = [
  {
    type: 'identity.tenant.created',
    meaning: 'A tenant was created, with its owner.',
    facts: { owner: reference },
    example: { owner: 'per_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4' },
    privileged: true,
  },
  {
    type: 'identity.workload.created',
    meaning: 'A workload was registered; its workflow and integrations are named.',
    facts: { workflow: nullable(name), integrations: listOf(name), bound: flag },
    example: { workflow: 'support-reply', integrations: ['demo-shop'], bound: true },
    privileged: true,
  },
  {
    type: 'identity.workload.changed',
    meaning: 'The integrations or the binding key of a workload were changed.',
    facts: { changed: listOf(name), integrations: optional(listOf(name)) },
    example: { changed: ['integrations'], integrations: ['demo-shop'] },
    privileged: true,
  },
  {
    type: 'identity.workload.removed',
    meaning: 'A workload of sample data was removed with its keys; its earlier events stay.',
    facts: {},
    example: {},
    privileged: true,
  },
  {
    type: 'identity.key.created',
    meaning: 'An API key of a workload was made; when it expires is named.',
    facts: { workload: reference, expiresAt: time },
    example: { workload: WORKLOAD, expiresAt: LATER },
    privileged: true,
  },
  {
    type: 'identity.key.revoked',
    meaning: 'An API key was revoked; no replica accepts it any more.',
    facts: {},
    example: {},
    privileged: true,
  },
  {
    type: 'identity.person.added',
    meaning: 'A person was added; the roles are named, the name is not. Events before roles could be several name one.',
    facts: { role: optional(word), roles: optional(listOf(name)) },
    example: { roles: ['approver', 'auditor'] },
    privileged: true,
  },
  {
    type: 'identity.person.removed',
    meaning: 'A person was removed; their sessions ended and their links became void.',
    facts: {},
    example: {},
    privileged: true,
  },
  {
    type: 'identity.hook.created',
    meaning: 'An integration may deliver signed events; its secret was made or stored.',
    facts: { integration: name },
    example: { integration: 'demo-shop' },
    privileged: true,
  },
  {
    type: 'identity.hook.rotated',
    meaning: 'The secret of an integration’s deliveries was replaced; the one before is good for 24 hours more.',
    facts: { integration: name },
    example: { integration: 'demo-shop' },
    privileged: true,
  },
  {
    type: 'identity.hook.removed',
    meaning: 'An integration may no longer deliver; its secrets were deleted.',
    facts: { integration: name },
    example: { integration: 'demo-shop' },
    privileged: true,
  },
  {
    type: 'identity.link.created',
    meaning: 'A sign-in link for a person was made; earlier unused ones became void.',
    facts: { expiresAt: time },
    example: { expiresAt: LATER },
    privileged: true,
  },
  {
    type: 'identity.session.opened',
    meaning: 'A person signed in, or the local command line received its credential.',
    facts: { kind: word },
    example: { kind: 'browser' },
  },
  {
    type: 'identity.session.closed',
    meaning: 'A session was ended before it expired.',
    facts: {},
    example: {},
  },
];
