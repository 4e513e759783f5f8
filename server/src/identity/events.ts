// What identity writes into the ledger: references and scopes, never a key, a link, a token or a name of a person.

import { type EventCatalogue, fact } from '#core';
import { grantEvents } from './access/grant-events.ts';
import { contextEvents } from './conditions/events.ts';
import { federationEvents } from './federation/events.ts';
import { leastEvents } from './least/events.ts';
import { oauthEvents } from './oauth/events.ts';

const { count, flag, hash, listOf, name, nullable, optional, reference, time, word, recordOf } = fact;

const WORKLOAD = 'wkl_01a205c7-6d01-7c1e-9f0a-52b7d1c0e3aa';
const PASSKEY = {
  person: 'per_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4',
  thumbprint: '4321afa613f10e7c873df08d2e74fc3e151bfb5724a6e6b158f0a29bc0ab11d2',
};
const LATER = '2027-02-21T00:21:24.237Z';

const AGENCY = 'ten_01a205c7-6d01-7c1e-9f0a-52b7d1c0e3ab';
const CLIENT = 'ten_01a205c7-6d01-7c1e-9f0a-52b7d1c0e3ac';
const HOLDER = 'per_01a205c7-6d01-7c1e-9f0a-52b7d1c0e3ad';
const DELEGATED = { agency: reference, holder: reference, role: word, expiresAt: time };
const A_DELEGATION = { agency: AGENCY, holder: HOLDER, role: 'operator', expiresAt: LATER };

export const identityEvents: EventCatalogue = [
  ...contextEvents,
  {
    type: 'identity.tenant.created',
    meaning: 'A tenant was created, with its owner.',
    facts: { owner: reference },
    example: { owner: 'per_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4' },
    privileged: true,
  },
  {
    type: 'identity.tenant.added',
    meaning: 'Somebody of the tenant the installation began with made another tenant.',
    facts: { tenant: reference },
    example: { tenant: CLIENT },
    privileged: true,
  },
  {
    type: 'identity.tenant.recovered',
    meaning: 'Somebody who runs the installation made a sign-in link for an owner who had come in before and holds no passkey.',
    facts: {},
    example: {},
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
    meaning: 'An API key of a workload was made; when it expires is named, and whether its text was shown to who made it.',
    facts: { workload: reference, expiresAt: time, shown: optional(flag) },
    example: { workload: WORKLOAD, expiresAt: LATER, shown: true },
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
    meaning: 'A person was removed: sessions, grants, links, passkeys and keys of theirs ended with them; how many of each is named.',
    facts: { ended: optional(recordOf(count)) },
    example: { ended: { sessions: 2, grants: 1, keys: 1, passkeys: 1, recoveryCodes: 8 } },
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
    type: 'identity.workspace.created',
    meaning: 'A workspace for a department was made.',
    facts: { workspace: name },
    example: { workspace: 'marketing' },
    privileged: true,
  },
  {
    type: 'identity.workspace.removed',
    meaning: 'A workspace was removed; how many things belonged to it is named, they belong to none now.',
    facts: { workspace: name, members: count, loosened: optional(listOf(word)) },
    example: { workspace: 'marketing', members: 3 },
    privileged: true,
  },
  {
    type: 'identity.workspace.joined',
    meaning: 'Workflows, integrations or workloads were put into a workspace: whoever has access to it sees them now.',
    facts: { workspace: name, moved: count, kinds: listOf(word), loosened: optional(listOf(word)) },
    example: { workspace: 'marketing', moved: 2, kinds: ['workflow'] },
    privileged: true,
  },
  {
    type: 'identity.workspace.left',
    meaning: 'Workflows, integrations or workloads were taken out of a workspace and belong to none.',
    facts: { workspace: name, moved: count, kinds: listOf(word), loosened: optional(listOf(word)) },
    example: { workspace: 'marketing', moved: 1, kinds: ['integration'] },
    privileged: true,
  },
  {
    type: 'identity.workspace.ruled',
    meaning: 'What the workflows and programs of a workspace may use was changed; `loosened` names the parts that allow more than before.',
    facts: { workspace: name, loosened: listOf(word) },
    example: { workspace: 'marketing', loosened: ['models'] },
    privileged: true,
  },
  {
    type: 'identity.workspace.limited',
    meaning: 'The budget of a workspace was changed; `loosened` names what more may be used of than before.',
    facts: { workspace: name, loosened: listOf(word) },
    example: { workspace: 'marketing', loosened: ['money'] },
    privileged: true,
  },
  {
    type: 'identity.delegation.offered',
    meaning: 'Access was offered to a person or group of an agency, another tenant; role and end are named.',
    facts: DELEGATED,
    example: A_DELEGATION,
    privileged: true,
  },
  {
    type: 'identity.delegation.accepted',
    meaning: 'The agency accepted access that was offered; its staff may act here until it ends.',
    facts: DELEGATED,
    example: A_DELEGATION,
    privileged: true,
  },
  {
    type: 'identity.delegation.narrowed',
    meaning: 'An agency’s access was made narrower or shorter.',
    facts: DELEGATED,
    example: A_DELEGATION,
    privileged: true,
  },
  {
    type: 'identity.delegation.ended',
    meaning: 'An agency’s access was ended before its time: by this tenant, by the agency, or because the person left the agency.',
    facts: { ...DELEGATED, side: word },
    example: { ...A_DELEGATION, side: 'client' },
    privileged: true,
  },
  {
    type: 'identity.delegation.held',
    meaning: 'What a client lets a person or group of this tenant do there changed; the state it is in now is named.',
    facts: { client: reference, state: word, holder: reference, role: word, expiresAt: time },
    example: { client: CLIENT, state: 'accepted', holder: HOLDER, role: 'operator', expiresAt: LATER },
    privileged: true,
  },
  {
    type: 'identity.delegation.used',
    meaning: 'A person of an agency acted in a client’s tenant: noted in both logs, once for each kind of action in ten minutes.',
    facts: { agency: reference, client: reference, kind: word, delegations: listOf(reference) },
    example: { agency: AGENCY, client: CLIENT, kind: 'look', delegations: ['dlg_01a205c7-6d01-7c1e-9f0a-52b7d1c0e3af'] },
  },
  {
    type: 'identity.session.opened',
    meaning: 'A person signed in, or the local command line received its credential.',
    facts: { kind: word, method: optional(word), device: optional(reference) },
    example: { kind: 'browser', method: 'passkey', device: 'dev_5f2c1d0e9b8a7f6e5d4c3b2a19080706' },
  },
  {
    type: 'identity.session.confirmed',
    meaning: 'A person confirmed with a passkey that it is still them; what asks for that is open for five minutes.',
    facts: { passkey: reference },
    example: { passkey: 'psk_01a205c7-6e02-7b1d-8c4e-31a7c9d0b5f2' },
  },
  {
    type: 'identity.passkey.enrolled',
    meaning: 'A person made a passkey; the SHA-256 of its public key is named, so that what it signs later can be told to be its.',
    facts: { person: reference, thumbprint: hash },
    example: PASSKEY,
    privileged: true,
  },
  {
    type: 'identity.passkey.removed',
    meaning: 'A passkey was removed; it opens nothing any more, and approvals signed with it that have not run do not run.',
    facts: { person: reference, thumbprint: hash },
    example: PASSKEY,
    privileged: true,
  },
  {
    type: 'identity.passkey.suspected',
    meaning: 'A passkey counted backwards, as a copy of it would; it was refused.',
    facts: { person: reference },
    example: { person: PASSKEY.person },
    privileged: true,
  },
  {
    type: 'identity.recovery_codes.created',
    meaning: 'A person made recovery codes; earlier ones became void.',
    facts: { count },
    example: { count: 10 },
    privileged: true,
  },
  {
    type: 'identity.recovery_code.used',
    meaning: 'Somebody came in with a recovery code, and can do nothing but make a passkey.',
    facts: { remaining: count },
    example: { remaining: 9 },
    privileged: true,
  },
  {
    type: 'identity.person.reset',
    meaning: 'Somebody took away whatever a person signs in with, ended their sessions and made a link for them.',
    facts: { passkeys: count, sessions: count },
    example: { passkeys: 2, sessions: 1 },
    privileged: true,
  },
  {
    type: 'identity.session.closed',
    meaning: 'A session was ended before it expired.',
    facts: {},
    example: {},
  },
  ...leastEvents,
  ...grantEvents,
  ...oauthEvents,
  ...federationEvents,
];
