// Calls of where personal data goes, and of datasets.

import { acts, asks, type Calls, overAll } from './call.ts';
import { AT_MS, ids } from './seed.ts';

const at = new Date(AT_MS);

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

const dataset = {
  name: 'other',
  version: 1,
  rowsVersion: 9,
  hash: 'aa',
  format: 'csv',
  columns: [],
  subjectColumn: null,
  rows: 0,
  bytes: 0,
  source: '',
  licence: '',
  purpose: '',
  importedAtMs: AT_MS,
  importedBy: 'per_x',
  cardsDropped: 0,
  codesDropped: 0,
} as const;

const canary = {
  id: 'cny_9',
  kind: 'person',
  place: { kind: 'integration', name: 'shop', customer: null },
  knownAt: [],
  onLeak: 'refuse',
  staleDays: 14,
  plantedAtMs: AT_MS,
  plantedBy: 'per_x',
  retiredAtMs: null,
} as const;
const plantedFinding = {
  canary: 'cny_9',
  value: 'email',
  kind: 'left',
  way: 'model',
  at: 'model',
  refused: true,
  count: 1,
  firstAtMs: AT_MS,
  lastAtMs: AT_MS,
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
  'governance/store/imports': {
    addImport: acts(({ tx, tenant }) => [tx, tenant, { rowsVersion: 8, dataset: 'other', at, by: 'per_x' }]),
    beatImport: asks(({ tx, tenant }) => [tx, tenant, { rowsVersion: 5, phase: 'sealing', rows: 2, bytes: 2, sealed: 1, at }]),
    listImports: asks(({ tx, tenant }) => [tx, tenant]),
    addPiece: acts(({ tx, tenant }) => [tx, tenant, { rowsVersion: 5, piece: 1, sealed: Buffer.of(1) }]),
    readPiece: asks(({ tx, tenant }) => [tx, tenant, 5, 0]),
    dropImport: acts(({ tx, tenant }) => [tx, tenant, 5]),
    stoppedImports: asks(({ tx, tenant }) => [tx, tenant, new Date(AT_MS + 1)]),
    holdImports: asks(({ tx, tenant }) => [tx, tenant]),
    keptRows: asks(({ tx, tenant }) => [tx, tenant, { dataset: 'other', rowsVersion: 9 }]),
  },
  'governance/store/datasets': {
    listDatasets: asks(({ tx, tenant }) => [tx, tenant]),
    holdDataset: asks(({ tx, tenant }) => [tx, tenant, 'customers']),
    putDataset: acts(({ tx, tenant }) => [tx, tenant, dataset]),
    addRows: acts(({ tx, tenant }) => [tx, tenant, { dataset: 'other', version: 7 }, [{ row: 1, subject: null, sealed: Buffer.of(1) }]]),
    readRows: asks(({ tx, tenant }) => [tx, tenant, { dataset: 'customers', version: 4, after: 0, limit: 10 }]),
    dropDataset: acts(({ tx, tenant }) => [tx, tenant, 'customers']),
    listVersions: asks(({ tx, tenant }) => [tx, tenant, 'customers']),
    addGrant: acts(({ tx, tenant }) => [
      tx,
      tenant,
      { id: 'dgr_9', dataset: 'customers', subject: 'role:analyst', columns: null, filter: null },
      { at, by: ids.person },
    ]),
    dropGrant: acts(({ tx, tenant }) => [tx, tenant, 'customers', 'dgr_1']),
    listGrants: asks(({ tx, tenant }) => [tx, tenant, 'customers']),
    openRaw: acts(({ tx, tenant }) => [
      tx,
      tenant,
      { id: 'dra_9', dataset: 'customers', person: ids.other, reason: Buffer.of(1), at, until: new Date(AT_MS + 60_000) },
    ]),
    endRaw: acts(({ tx, tenant }) => [tx, tenant, 'customers', ids.person, new Date(AT_MS + 1)]),
    listRaw: asks(({ tx, tenant }) => [tx, tenant, 'customers']),
  },
  'governance/store/planted': {
    addPlanted: acts(({ tx, tenant }) => [tx, tenant, canary, Buffer.of(1)]),
    listPlanted: asks(({ tx, tenant }) => [tx, tenant]),
    holdPlanted: asks(({ tx, tenant }) => [tx, tenant, 'cny_1']),
    countPlanted: asks(({ tx, tenant }) => [tx, tenant]),
    retirePlanted: acts(({ tx, tenant }) => [tx, tenant, 'cny_1', at]),
    setKnownAt: acts(({ tx, tenant }) => [tx, tenant, 'cny_1', ['other']]),
    announcePlanted: acts(({ tx, tenant }) => [tx, tenant]),
    readPlantingTenants: overAll,
    readWatched: asks(({ tx, tenant }) => [tx, tenant]),
    addSightings: acts(({ tx, tenant }) => [tx, tenant, [{ canary: 'cny_1', what: 'home', at: 'shop', count: 1, lastAtMs: AT_MS }]]),
    readSightings: asks(({ tx, tenant }) => [tx, tenant]),
    addPlantedFindings: acts(({ tx, tenant }) => [tx, tenant, [plantedFinding]]),
    readPlantedFindings: asks(({ tx, tenant }) => [tx, tenant]),
    closePlantedFindings: acts(({ tx, tenant }) => [tx, tenant, 'cny_1', { at, by: ids.person }]),
    takeStale: acts(({ tx, tenant }) => [tx, tenant, new Date(AT_MS + 365 * 24 * 60 * 60_000)]),
  },
  'governance/store/self-scans': {
    addSelfScan: acts(({ tx, tenant }) => [tx, tenant, { id: 'scn_9', startedAt: at, finishedAt: at, ok: true, report: {} }]),
    lastSelfScan: asks(({ tx, tenant }) => [tx, tenant]),
  },
  'governance/store/opt-outs': {
    addOptOuts: acts(({ tx, tenant }) => [tx, tenant, { people: ['other'], uses: ['sale'], source: 'gpc', at }]),
    dropOptOuts: acts(({ tx, tenant }) => [tx, tenant, ['mark'], ['sale']]),
    findOptOuts: asks(({ tx, tenant }) => [tx, tenant, ['mark'], ['sale']]),
    countOptOuts: asks(({ tx, tenant }) => [tx, tenant]),
    noteDelivery: acts(({ tx, tenant }) => [tx, tenant, { integration: 'shop', delivery: 'msg_9', at, forgetBefore: new Date(0) }]),
    optedOutSince: asks(({ tx, tenant }) => [tx, tenant, ['mark'], ['sale']]),
  },
};
