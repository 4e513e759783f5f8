// Calls of where personal data goes, and of datasets.

import { acts, asks, type Calls, overAll } from './call.ts';
import { AT_MS } from './seed.ts';

const flow = {
  direction: 'out',
  destination: 'shop',
  host: 'shop.example.com',
  region: 'EEA',
  operation: 'orders.get',
  workflow: '',
  dataClass: 'email_address',
  handling: 'clear',
  count: 1,
  firstAtMs: AT_MS,
  lastAtMs: AT_MS,
} as const;
const finding = { kind: 'new_flow', destination: 'other', region: 'US', dataClass: 'email_address', firstAtMs: AT_MS } as const;
const destination = {
  name: 'other',
  vendor: 'Example',
  country: 'DE',
  host: 'other.example.com',
  role: 'processor',
  legalBasis: 'contract',
  transferBasis: 'none',
  purpose: 'x',
  retentionDays: 30,
  measures: '',
  classes: [],
  uses: [],
  optOutField: null,
  declaredAtMs: AT_MS,
} as const;

export const callsOfGovernance: Calls = {
  'governance/store/flows': {
    addFlows: acts(({ tx, tenant }) => [tx, tenant, [flow]]),
    readFlows: asks(({ tx, tenant }) => [tx, tenant]),
    addFindings: acts(({ tx, tenant }) => [tx, tenant, [finding]]),
    readFindings: asks(({ tx, tenant }) => [tx, tenant]),
    dropFindings: acts(({ tx, tenant }) => [tx, tenant, null]),
    putDestination: acts(({ tx, tenant }) => [tx, tenant, destination, 'per_x']),
    dropDestination: acts(({ tx, tenant }) => [tx, tenant, 'shop']),
    putProfile: acts(({ tx, tenant }) => [tx, tenant, { home: 'DE', controller: '', contact: '', atMs: AT_MS }, 'per_x']),
    announceRules: acts(({ tx, tenant }) => [tx, tenant]),
    readRules: overAll,
  },
};
