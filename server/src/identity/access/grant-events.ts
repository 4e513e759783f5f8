// What changes of access write into the ledger: ids and names of roles, never the reason somebody gave, nor the name of a person.

import { type EventCatalogue, fact } from '#core';

const { flag, name, reference, time, word, count, hash, listOf, nullable, optional } = fact;

const GRANT = 'grt_01a205c7-6d01-7c1e-9f0a-52b7d1c0e3ab';
const PERSON = 'per_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4';
const scope = { workspace: optional(name), workflow: optional(name), integration: optional(name), dataClass: optional(name) };

export const grantEvents: EventCatalogue = [
  {
    type: 'identity.grant.created',
    meaning: 'A person or a group was given a role; what it is narrowed to, until when, and whether somebody gave it to themselves.',
    facts: { grant: reference, role: name, ...scope, conditions: optional(listOf(word)), until: nullable(time), isSelf: flag },
    example: { grant: GRANT, role: 'operator', workflow: 'support-reply', until: null, isSelf: false },
    privileged: true,
  },
  {
    type: 'identity.grant.ended',
    meaning: 'A role was taken from a person or a group.',
    facts: { grant: reference, role: name, ...scope, conditions: optional(listOf(word)), until: nullable(time), isSelf: flag },
    example: { grant: GRANT, role: 'operator', until: null, isSelf: false },
    privileged: true,
  },
  {
    type: 'identity.role.created',
    meaning: 'A custom role was made; the actions it stands for are named.',
    facts: { role: name, actions: listOf(word) },
    example: { role: 'custom:refund_desk', actions: ['runs.view', 'approvals.view'] },
    privileged: true,
  },
  {
    type: 'identity.role.changed',
    meaning: 'A custom role was changed; what it gives now, what was added and taken away, and whether whoever did it holds it.',
    facts: { role: name, actions: listOf(word), loosened: listOf(word), narrowed: listOf(word), people: count, isSelf: flag },
    example: { role: 'custom:refund_desk', actions: ['runs.view'], loosened: [], narrowed: ['approvals.view'], people: 3, isSelf: false },
    privileged: true,
  },
  {
    type: 'identity.role.removed',
    meaning: 'A custom role that nobody held was removed.',
    facts: { role: name },
    example: { role: 'custom:refund_desk' },
    privileged: true,
  },
  {
    type: 'identity.group.created',
    meaning: 'A group of people was made.',
    facts: { source: word },
    example: { source: 'local' },
    privileged: true,
  },
  {
    type: 'identity.group.renamed',
    meaning: 'A group was called something else; both names are sealed.',
    facts: { people: count },
    example: { people: 4 },
    privileged: true,
  },
  {
    type: 'identity.group.removed',
    meaning: 'A group was removed; what its members held by it ended.',
    facts: { people: count, grants: count },
    example: { people: 4, grants: 1 },
    privileged: true,
  },
  {
    type: 'identity.group.member_added',
    meaning: 'A person was put into a group, and holds what it holds.',
    facts: { member: reference, isSelf: flag },
    example: { member: PERSON, isSelf: false },
    privileged: true,
  },
  {
    type: 'identity.group.member_removed',
    meaning: 'A person was taken out of a group.',
    facts: { member: reference, isSelf: flag },
    example: { member: PERSON, isSelf: false },
    privileged: true,
  },
  {
    type: 'identity.break_glass.asked',
    meaning: 'Somebody asked for emergency access; another person has to agree.',
    facts: { person: reference, role: name },
    example: { person: PERSON, role: 'operator' },
    privileged: true,
  },
  {
    type: 'identity.break_glass.opened',
    meaning:
      'Another person agreed to emergency access, `signed` with their passkey: until when, and how many of its actions conflict with what the person holds.',
    facts: {
      ...{ person: reference, role: name, grant: reference, expiresAt: time, conflicts: count },
      ...{ signed: optional(flag), passkey: optional(nullable(hash)) },
    },
    example: {
      ...{ person: PERSON, role: 'operator', grant: GRANT, expiresAt: '2027-02-21T00:51:24.237Z', conflicts: 0 },
      ...{ signed: true, passkey: '9d1f0c7b4be2f7c35b8f0c3a9ab7f6a0c94d1a5b7e3f2c6d8190a2b4c6d8e0f2' },
    },
    privileged: true,
  },
  {
    type: 'identity.break_glass.denied',
    meaning: 'Emergency access was not given.',
    facts: { person: reference, role: name },
    example: { person: PERSON, role: 'operator' },
    privileged: true,
  },
  {
    type: 'identity.break_glass.ended',
    meaning: 'Emergency access ended: by its time, or because somebody ended it.',
    facts: { person: reference, role: name, isLapsed: flag },
    example: { person: PERSON, role: 'operator', isLapsed: true },
    privileged: true,
  },
];
