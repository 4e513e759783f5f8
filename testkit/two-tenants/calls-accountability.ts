// Calls of breaches, assessments and automated decisions.

import { acts, asks, type Calls } from './call.ts';
import { AT_MS, ids } from './seed.ts';
import { ASSESSMENT, BREACH, VERSION } from './seed-accountability.ts';

const at = new Date(AT_MS);
const sealed = Buffer.alloc(45, 1);
const next = (id: string): string => id.replace(/1$/, '9');

export const callsOfAccountability: Calls = {
  'governance/store/breaches': {
    insertBreach: acts(({ tx, tenant }) => [
      tx,
      tenant,
      { id: next(BREACH), alert: null, rule: null, sealedWhat: sealed, awareAt: at, openedAt: at, openedBy: ids.person },
    ]),
    listBreaches: asks(({ tx, tenant }) => [tx, tenant]),
    findBreach: asks(({ tx, tenant }) => [tx, tenant, BREACH]),
    holdOpenBreaches: asks(({ tx, tenant }) => [tx, tenant]),
    changeBreach: acts(({ tx, tenant }) => [tx, tenant, BREACH, { risk: 'high' }]),
    addBreachStep: acts(({ tx, tenant }) => [
      tx,
      tenant,
      { breach: BREACH, kind: 'note', at, by: ids.person, facts: {}, sealedText: null },
    ]),
    listBreachSteps: asks(({ tx, tenant }) => [tx, tenant, [BREACH]]),
    peopleOf: asks(({ tx, tenant }) => [tx, tenant, 'run', ['r1']]),
    itemsOfOwners: acts(({ tx, tenant }) => [tx, tenant, ['o1']]),
    subjectsOfRequests: asks(({ tx, tenant }) => [tx, tenant, [ids.request]]),
  },
  'governance/store/assessments': {
    insertAssessment: acts(({ tx, tenant }) => [
      tx,
      tenant,
      {
        ...{ id: next(ASSESSMENT), subject: 'workflow:one', version: VERSION, residualRisk: 'low', sealed },
        ...{ reviewAt: at, recordedAt: at, recordedBy: ids.person },
      },
    ]),
    listAssessments: asks(({ tx, tenant }) => [tx, tenant]),
    findAssessment: asks(({ tx, tenant }) => [tx, tenant, ASSESSMENT]),
    findApproved: asks(({ tx, tenant }) => [tx, tenant, 'workflow:one']),
    approveAssessment: acts(({ tx, tenant }) => [tx, tenant, { id: ASSESSMENT, by: ids.person, at, alone: false }]),
    addNeeds: acts(({ tx, tenant }) => [
      tx,
      tenant,
      [{ subject: 'workflow:two', version: VERSION, trigger: 'profiling', why: 'new', assessment: '' }],
      at,
    ]),
    firstNeeded: asks(({ tx, tenant }) => [tx, tenant]),
    isBlocking: asks(({ tx, tenant }) => [tx, tenant]),
    setBlocking: acts(({ tx, tenant }) => [tx, tenant, { blocking: false, at, by: ids.person }]),
  },
  'governance/store/decisions': {
    putDecision: acts(({ tx, tenant }) => [
      tx,
      tenant,
      {
        ...{ kind: 'workflow', name: 'two', significant: true, mode: 'wait', decides: 'x', purpose: '', logic: '' },
        declaredAtMs: AT_MS,
      },
      ids.person,
    ]),
    dropDecision: asks(({ tx, tenant }) => [tx, tenant, 'workflow', 'one']),
    readDecisions: asks(({ tx, tenant }) => [tx, tenant]),
  },
};
