// Codes of grants, groups, custom roles and emergency access, a part of identity's table.

import type { CodeTable } from '#core';

export const grantCodes = {
  IDENTITY_ROLE_UNKNOWN: {
    kind: 'usage',
    status: 404,
    sentence: 'There is no such role, or it is not one for people; list the roles.',
  },
  IDENTITY_ROLE_IN_USE: { kind: 'usage', status: 409, sentence: 'Somebody holds this role; end those grants first.' },
  IDENTITY_SUBJECT_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no such person or group; list them.' },
  IDENTITY_GRANT_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no such grant, or it has ended; list the grants.' },
  IDENTITY_GRANT_OWNER_ONLY: {
    kind: 'refusal',
    status: 403,
    sentence: 'Only an owner makes, changes or removes an owner, and only people own: no group does.',
  },
  IDENTITY_GRANT_NOT_HELD: {
    kind: 'refusal',
    status: 403,
    sentence: 'You can not give or end what you do not hold yourself; ask somebody who may give access.',
  },
  IDENTITY_GRANT_CONFLICT: {
    kind: 'refusal',
    status: 409,
    sentence: 'One person would hold two actions that must be two people’s; give one of them to somebody else.',
  },
  IDENTITY_GRANT_CLASS_EMPTY: {
    kind: 'usage',
    status: 400,
    sentence: 'Nothing the role allows is done by that class of personal data, so the grant would give nothing.',
  },
  IDENTITY_GRANT_LIMIT: {
    kind: 'usage',
    status: 409,
    sentence: 'There are too many grants; end those that are not needed, or use a group.',
  },
  IDENTITY_LINK_OWNER_ONLY: {
    kind: 'refusal',
    status: 403,
    sentence: 'This person has signed in before, so only an owner makes another link for them.',
  },
  IDENTITY_LAST_OWNER: { kind: 'usage', status: 409, sentence: 'This is the last owner; make somebody else an owner first.' },
  IDENTITY_GROUP_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no such group; list the groups.' },
  IDENTITY_GROUP_MANAGED: {
    kind: 'refusal',
    status: 409,
    sentence: 'The company’s directory keeps this group; change its members there.',
  },
  IDENTITY_GROUP_LIMIT: { kind: 'usage', status: 409, sentence: 'There are too many groups, or too many people in one.' },
  IDENTITY_BREAK_GLASS_SOLO: {
    kind: 'refusal',
    status: 409,
    sentence: 'You are alone here, so nobody else can agree to emergency access; the owner holds everything already.',
  },
  IDENTITY_BREAK_GLASS_ALONE: {
    kind: 'refusal',
    status: 409,
    sentence: 'Nobody else may agree to emergency access; an owner, administrator or security lead has to be added first.',
  },
  IDENTITY_BREAK_GLASS_NEEDLESS: { kind: 'usage', status: 409, sentence: 'You hold what this role gives in an emergency already.' },
  IDENTITY_BREAK_GLASS_OWN: {
    kind: 'refusal',
    status: 403,
    sentence: 'Emergency access takes two people: somebody else has to agree to yours.',
  },
  IDENTITY_BREAK_GLASS_SIGNATURE_REQUIRED: {
    kind: 'refusal',
    status: 403,
    sentence: 'You have a passkey, so your agreement is signed with it: agree under People & access, Emergency access in the console.',
  },
  IDENTITY_BREAK_GLASS_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no such request for emergency access; list them.' },
  IDENTITY_BREAK_GLASS_OVER: {
    kind: 'usage',
    status: 409,
    sentence: 'The request was decided, ended or ran out already; look at it again.',
  },
  IDENTITY_BREAK_GLASS_OPEN: {
    kind: 'usage',
    status: 409,
    sentence: 'You have emergency access, or asked for it, already; end that first.',
  },
} as const satisfies CodeTable;
