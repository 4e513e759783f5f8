// Calls of what is used of what was granted, of proposals and of access reviews.

import { acts, asks, type Calls, overAll } from './call.ts';
import { AT_MS, ids } from './seed.ts';

const at = new Date(AT_MS);
const used = { subject: ids.workload, kind: 'operation', name: 'shop/other', count: 1, lastAtMs: AT_MS };
const draft = { kind: 'key_unused', subject: ids.workload, target: ids.key, remove: [ids.key], keep: [], change: null };
const evidence = { windowDays: 30, observedSinceMs: AT_MS, grantedAtMs: null, lastUsedAtMs: null, count: 0 };
const item = { id: ids.reviewItem, decision: 'keep', role: null, reason: 'x', decidedAt: at, decidedBy: ids.person, outcome: 'applied' };
const shown = {};

export const callsOfLeast: Calls = {
  'identity/store/usage': {
    addUsage: acts(({ tx, tenant }) => [tx, tenant, [used]]),
    readUsage: asks(({ tx, tenant }) => [tx, tenant, { sinceMs: AT_MS - 1 }]),
    readGrantUses: asks(({ tx, tenant }) => [tx, tenant]),
    pruneUsage: overAll,
  },
  'identity/store/least': {
    readSettings: asks(({ tx, tenant }) => [tx, tenant]),
    saveSettings: acts(({ tx, tenant }) => [tx, tenant, { windowDays: 7, autoApply: true, graceDays: 3 }]),
    grantedWorkloads: asks(({ tx, tenant }) => [tx, tenant]),
    putReach: acts(({ tx, tenant }) => [tx, tenant, ids.workload, { integrations: [], removed: {}, reachedSince: {} }]),
    grantedKeys: asks(({ tx, tenant }) => [tx, tenant, at]),
    grantedRoles: asks(({ tx, tenant }) => [tx, tenant, at]),
    isMember: asks(({ tx, tenant }) => [tx, tenant, ids.group, ids.other]),
    customRoles: asks(({ tx, tenant }) => [tx, tenant]),
    reopenGrant: asks(({ tx, tenant }) => [tx, tenant, ids.endedGrant]),
    readExpireUnused: asks(({ tx, tenant }) => [tx, tenant, ids.grant]),
    setExpireUnused: acts(({ tx, tenant }) => [tx, tenant, ids.grant, 9]),
    listProposals: asks(({ tx, tenant }) => [tx, tenant, null]),
    holdProposal: asks(({ tx, tenant }) => [tx, tenant, ids.proposal]),
    putProposal: acts(({ tx, tenant }) => [tx, tenant, { ...draft, evidence, id: ids.proposal.replace(/1$/, '9'), atMs: AT_MS }]),
    moveProposal: acts(({ tx, tenant }) => [tx, tenant, ids.proposal, { state: 'gone', at, by: 'system:least' }]),
  },
  'identity/store/reviews': {
    listReviews: asks(({ tx, tenant }) => [tx, tenant, null]),
    holdReview: asks(({ tx, tenant }) => [tx, tenant, ids.review]),
    insertReview: acts(({ tx, tenant }) => [
      tx,
      tenant,
      {
        ...{ id: ids.review.replace(/1$/, '9'), name: 'Spring', scope: { people: true, workloads: true } },
        ...{ reviewers: [ids.person], dueAt: at, createdAt: at, createdBy: ids.person },
      },
    ]),
    insertItems: acts(({ tx, tenant }) => [
      tx,
      tenant,
      ids.review,
      [{ id: ids.reviewItem.replace(/1$/, '9'), subject: ids.workload, people: [], kind: 'workload_integration', target: 'shop', shown }],
    ]),
    listItems: asks(({ tx, tenant }) => [tx, tenant, ids.review]),
    decideItem: asks(({ tx, tenant }) => [tx, tenant, ids.review, item]),
    completeReview: acts(({ tx, tenant }) => [tx, tenant, ids.review, { at, event: ids.event, digest: 'ab' }]),
    takeOverdue: asks(({ tx, tenant }) => [tx, tenant, new Date(AT_MS + 9)]),
    tenantsToSweep: overAll,
  },
};
