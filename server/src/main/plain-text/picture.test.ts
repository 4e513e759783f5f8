// The picture changes with what is set and what is found; the same facts never give another picture than they must.

import { describe, expect, it } from 'vitest';
import type { Facts, KeyFileFacts, WireFacts } from './facts.ts';
import { drawPicture } from './picture.ts';
import { readPostgresUrl } from './wires.ts';

const KEY_FILE: KeyFileFacts = {
  sealedBy: 'file',
  service: null,
  passphraseFile: null,
  isPrivate: true,
  folder: '/etc/sallyport',
  isInsideData: false,
  isInsideBackups: false,
  isBesideData: false,
  isOnDiskOfBackups: false,
};
const NO_TLS: WireFacts = { isTls: false, protocol: null, address: '127.0.0.1' };
const TLS: WireFacts = { isTls: true, protocol: 'TLSv1.3', address: '192.0.2.5' };
const PLAIN: Facts = {
  config: {
    gatewayHost: '127.0.0.1',
    controlHost: '127.0.0.1',
    publicUrl: null,
    gatewayPublicUrl: null,
    tlsCertFile: null,
    alertWebhook: null,
    anchorWebhook: null,
    backupFolder: null,
    backupKeysFolder: null,
    keyEpochHours: 24,
    logLevel: 'info',
    databaseUrl: null,
  },
  keyFile: KEY_FILE,
  database: {
    isEmbedded: true,
    wire: NO_TLS,
    columns: { sealed: 23, tables: 18, wrapped: 3, references: 900, inClear: [], unplaced: [], holding: 4, unlike: [] },
  },
  keys: {
    status: {
      key: { id: 'kek_0', sealedBy: 'file', isBeingReplaced: false },
      epoch: { current: 1, since: null, ending: [], lastDestroyedAt: null },
      pending: { erasures: 0, oldestAt: null },
      tenantKeys: { tenants: 1, newestVersion: 1, olderVersions: 0, underOtherFile: 0 },
      subjectKeys: { all: 5, underOtherEpoch: 0, underOlderKey: 0 },
      survivors: 0,
    },
    own: { version: 1, olderVersions: 0, subjects: 5, waiting: 0 },
    oldestWaitsMs: null,
  },
  machine: { swap: false, coreDumps: false },
  backups: { isPrivate: null, keysApart: false, made: 0, copyFault: null, otherCopies: 0 },
  integrations: [],
  logins: [],
  logFields: 12,
};
type Change = { readonly [Part in keyof Facts]?: Partial<Facts[Part]> };
const facts = (change: Change): Facts =>
  Object.fromEntries(
    Object.entries(PLAIN).map(([name, part]) => {
      const other = change[name as keyof Facts];
      return [
        name,
        Array.isArray(part) ? (other ?? part) : typeof part === 'object' ? { ...part, ...(other as object | undefined) } : part,
      ];
    }),
  ) as unknown as Facts;

/** State, and grades of the warnings, of a place or a way. */
function shown(id: string, change: Change): readonly string[] {
  const { places, hops } = drawPicture(facts(change));
  const one = [...places, ...hops].find((each) => each.id === id);
  if (one === undefined) return ['not drawn'];
  return [one.state, ...one.warnings.map(({ grade }) => grade)];
}
const textOf = (id: string, change: Change): string => {
  const { places, hops } = drawPicture(facts(change));
  return JSON.stringify([...places, ...hops].find((each) => each.id === id));
};

describe('ways', () => {
  it('people’s browsers: TLS of ours, of a proxy, none on this machine, none beyond it', () => {
    const of = (config: Partial<Facts['config']>) => shown('browser server', { config });
    expect(of({})).toEqual(['clear_here']);
    expect(of({ tlsCertFile: '/x.pem' })).toEqual(['sealed']);
    expect(of({ tlsCertFile: '/x.pem', controlHost: '0.0.0.0' })).toEqual(['sealed']);
    expect(of({ publicUrl: 'https://sallyport.example.com' })).toEqual(['sealed']);
    expect(of({ publicUrl: 'http://sallyport.example.com' })).toEqual(['clear', 'fault']);
    expect(of({ controlHost: '0.0.0.0' })).toEqual(['clear', 'fault']);
    // The proxy's TLS ends before a network that is crossed in clear.
    expect(of({ controlHost: '0.0.0.0', publicUrl: 'https://sallyport.example.com' })).toEqual(['clear', 'fault']);
    expect(shown('program server', { config: { gatewayHost: '192.0.2.1' } })).toEqual(['clear', 'fault']);
    expect(shown('program server', { config: { gatewayPublicUrl: 'https://gateway.example.com' } })).toEqual(['sealed']);
  });

  it('Postgres: by what it sees of the connection, and by what DATABASE_URL says is checked of it', () => {
    const of = (databaseUrl: string | null, wire: WireFacts) => shown('server database', { config: { databaseUrl }, database: { wire } });
    const url = (query: string, host = 'db.example.com') => `postgresql://app:secret@${host}/sallyport${query}`;
    expect(of(null, NO_TLS)).toEqual(['clear_here']);
    expect(of(url('?sslmode=disable'), NO_TLS)).toEqual(['clear', 'fault']);
    expect(of(url(''), NO_TLS)).toEqual(['clear', 'fault']);
    expect(of(url('', '127.0.0.1'), NO_TLS)).toEqual(['clear_here']);
    expect(of(url('?sslmode=require'), TLS)).toEqual(['sealed']);
    expect(of(url('?sslmode=no-verify'), TLS)).toEqual(['sealed', 'fault']);
    expect(of(url('?uselibpqcompat=true&sslmode=require'), TLS)).toEqual(['sealed', 'fault']);
    expect(of(url('?sslmode=verify-full'), TLS)).toEqual(['sealed']);
    // What is set does not count where Postgres sees something else.
    expect(of(url('?sslmode=require'), NO_TLS)).toEqual(['clear', 'fault']);
    expect(textOf('server database', { config: { databaseUrl: url('?sslmode=require') }, database: { wire: TLS } })).not.toContain(
      'secret',
    );
    expect(readPostgresUrl('postgresql:///sallyport?host=/var/run/postgresql').host).toBe(null);
  });

  it('models and shops: https, plain http here, plain http elsewhere', () => {
    const of = (origin: string) =>
      shown('server integration:one', { integrations: [{ name: 'one', kind: 'model', origin, isSample: false, classes: [] }] as never });
    expect(of('https://api.example.com')).toEqual(['sealed']);
    expect(of('http://127.0.0.1:11434')).toEqual(['clear_here']);
    expect(of('http://[::1]:11434')).toEqual(['clear_here']);
    expect(of('http://10.0.0.7:8080')).toEqual(['clear', 'fault']);
    expect(shown('server webhook:alerts', { config: { alertWebhook: 'http://alerts.example.com/x' } })).toEqual(['clear', 'fault']);
    expect(shown('server webhook:alerts', {})).toEqual(['not drawn']);
  });
});

describe('places', () => {
  it('the key file: by how it is sealed, and by what it lies beside', () => {
    const of = (keyFile: Partial<KeyFileFacts>) => shown('keys', { keyFile });
    expect(of({})).toEqual(['clear']);
    expect(of({ sealedBy: 'passphrase' })).toEqual(['sealed']);
    expect(of({ sealedBy: 'aws-kms', service: 'https://kms.eu-central-1.amazonaws.com' })).toEqual(['sealed']);
    expect(of({ isBesideData: true })).toEqual(['clear', 'advice']);
    expect(of({ sealedBy: 'passphrase', isBesideData: true })).toEqual(['sealed']);
    expect(of({ isInsideData: true })).toEqual(['clear', 'fault']);
    expect(of({ isInsideBackups: true })).toEqual(['clear', 'fault']);
    expect(of({ isOnDiskOfBackups: true })).toEqual(['clear', 'advice']);
    expect(of({ isPrivate: false })).toEqual(['clear', 'fault']);
    expect(shown('server key_service', { keyFile: { sealedBy: 'transit', service: 'http://10.0.0.9:8200' } })).toEqual(['clear', 'fault']);
  });

  it('a company login: whom it is, and the way to it', () => {
    const logins = [{ name: 'entra', issuer: 'https://login.example.com' }];
    expect(shown('login:entra', { logins })).toEqual(['clear_to_recipient']);
    expect(shown('server login:entra', { logins })).toEqual(['sealed']);
  });

  it('the database: a value that nobody sealed among sealed ones, and a column that nobody placed, are faults', () => {
    const { columns } = PLAIN.database;
    expect(shown('database', {})).toEqual(['sealed']);
    expect(shown('database', { database: { columns: { ...columns, unlike: ['approvals.sealed_call'] } } })).toEqual(['clear', 'fault']);
    expect(shown('database', { database: { columns: { ...columns, unplaced: ['orders.comment'] } } })).toEqual(['sealed', 'fault']);
  });

  it('erasures that wait too long, backups, swap', () => {
    expect(shown('keys', { keys: { oldestWaitsMs: 49 * 3_600_000 } })).toEqual(['clear', 'fault']);
    expect(shown('keys', { keys: { oldestWaitsMs: 25 * 3_600_000 } })).toEqual(['clear']);
    expect(shown('backups', {})).toEqual(['absent']);
    const config = { backupFolder: '/mnt/backups' };
    expect(shown('backups', { config })).toEqual(['sealed']);
    expect(shown('backups', { config, backups: { isPrivate: false } })).toEqual(['sealed', 'advice']);
    expect(shown('backups', { config, backups: { copyFault: 'VAULT_KEY_BOX_UNUSABLE' } })).toEqual(['sealed', 'fault']);
    expect(shown('backups', { config, backups: { otherCopies: 1 } })).toEqual(['sealed', 'advice']);
    expect(shown('server', { machine: { swap: true, coreDumps: true } })).toEqual(['clear', 'advice', 'advice']);
  });

  it('a model’s provider: what really went there, as it is or as placeholders', () => {
    const integrations = [
      {
        ...{ name: 'one', kind: 'model', origin: 'https://api.example.com', isSample: false },
        classes: [
          { dataClass: 'email_address', handling: 'tokenise', count: 3 },
          { dataClass: 'order_number', handling: 'clear', count: 2 },
        ],
      },
    ] as never;
    expect(textOf('integration:one', { integrations })).toContain(
      'the provider saw 1 kind of data as it is, 1 kind as placeholders or masked',
    );
    expect(shown('integration:one', { integrations })).toEqual(['clear_to_recipient']);
  });
});
