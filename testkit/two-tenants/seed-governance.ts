// Rows of where personal data goes and of datasets, for the differential test.

import { accountabilitySeed } from './seed-accountability.ts';
import { AT_MS } from './seed-time.ts';

const at = new Date(AT_MS).toISOString();
const person = 'per_018cc251-f400-7000-8000-000000000001';
const hex = (byte: string): string => `\\x${byte.repeat(32)}`;

export const governanceSeed: Readonly<Record<string, readonly object[]>> = {
  shop_goods: [{ words: 'Oslo Lounge Chair', integration: 'shop', seen_on: at.slice(0, 10) }],
  governance_deleters: [{ workload: 'wkl_018cc251-f400-7000-8000-000000000001', key: 'key_018cc251-f400-7000-8000-000000000001' }],
  governance_shops: [{ integration: 'shop', domain: 'shop.example.com' }],
  governance_opt_out_deliveries: [{ integration: 'shop', delivery: 'msg_1', at }],
  governance_flows: [
    {
      direction: 'out',
      destination: 'shop',
      host: 'shop.example.com',
      region: 'EEA',
      operation: 'orders.get',
      workflow: '',
      data_class: 'order_number',
      handling: 'clear',
      count: 3,
      first_at: at,
      last_at: at,
    },
  ],
  governance_datasets: [
    {
      name: 'customers',
      version: 1,
      rows_version: 4,
      hash: 'ab',
      format: 'csv',
      columns: [],
      row_count: 1,
      byte_count: 1,
      source: '',
      licence: '',
      purpose: '',
      imported_at: at,
      imported_by: person,
    },
  ],
  governance_dataset_versions: [
    {
      dataset: 'customers',
      version: 1,
      hash: 'ab',
      row_count: 1,
      byte_count: 1,
      source: '',
      licence: '',
      purpose: '',
      imported_at: at,
      imported_by: person,
    },
  ],
  governance_dataset_rows: [{ dataset: 'customers', version: 4, row_number: 1, subject: 'mark', sealed: hex('21') }],
  governance_dataset_imports: [
    {
      rows_version: 5,
      dataset: 'customers',
      phase: 'reading',
      row_count: 1,
      byte_count: 1,
      sealed_count: 0,
      started_at: at,
      beat_at: at,
      started_by: person,
    },
  ],
  governance_dataset_pieces: [{ rows_version: 5, piece: 0, sealed: hex('23') }],
  governance_dataset_grants: [{ id: 'dgr_1', dataset: 'customers', subject: 'role:analyst', made_at: at, made_by: person }],
  governance_dataset_raw: [
    {
      id: 'dra_1',
      dataset: 'customers',
      person: person,
      reason: hex('22'),
      opened_at: at,
      expires_at: new Date(AT_MS + 60_000).toISOString(),
    },
  ],
  governance_planted: [
    {
      id: 'cny_1',
      kind: 'person',
      place_kind: 'integration',
      place_name: 'shop',
      known_at: [],
      on_leak: 'refuse',
      stale_days: 14,
      sealed: hex('23'),
      planted_at: at,
      planted_by: person,
    },
  ],
  governance_planted_sightings: [{ canary: 'cny_1', what: 'protected', at_place: 'model', count: 2, last_at: at }],
  governance_planted_findings: [
    {
      canary: 'cny_1',
      value: 'email',
      kind: 'left',
      way: 'model',
      at_place: 'model',
      refused: true,
      count: 1,
      first_at: at,
      last_at: at,
    },
  ],
  governance_self_scans: [{ id: 'scn_1', started_at: at, finished_at: at, ok: true, report: {} }],
  governance_opt_outs: [{ person: 'mark', use: 'sale', source: 'gpc', since: at }],
  governance_findings: [{ kind: 'new_flow', destination: 'shop', region: 'EEA', data_class: 'order_number', first_at: at }],
  governance_profile: [{ home: 'DE', controller: 'Example', contact: 'x', declared_at: at, declared_by: person }],
  governance_destinations: [
    {
      name: 'shop',
      vendor: 'Example',
      country: 'DE',
      host: 'shop.example.com',
      party: 'processor',
      legal_basis: 'contract',
      transfer_basis: 'none',
      purpose: 'x',
      retention_days: 30,
      measures: '',
      classes: [],
      uses: [],
      declared_at: at,
      declared_by: person,
    },
  ],
  ...accountabilitySeed,
};
