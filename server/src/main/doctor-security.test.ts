// What the doctor says of settings that weaken an installation, and that it says nothing is wrong where nothing is.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectRunning, inspectSettings } from './doctor-security.ts';
import { foldersOf } from './folders.ts';
import { loadConfig } from './load-config.ts';
import { inspectEncryption } from './plain-text/doctor.ts';

const DAY_MS = 86_400_000;
const nowMs = Date.UTC(2026, 10, 23);
const fixture = (name: string): string => join(import.meta.dirname, '../egress/test', name);
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-doctor-'));
  mkdirSync(join(folder, 'secrets'), { mode: 0o700 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function faults(flags: Readonly<Record<string, string>> = {}, atMs = nowMs): Record<string, string> {
  const sound = {
    '--data-dir': join(folder, 'data'),
    '--secrets-dir': join(folder, 'secrets'),
    '--backup-folder': join(folder, 'backups'),
  };
  const config = loadConfig({ flags: { ...sound, ...flags }, env: {}, file: null });
  const findings = inspectSettings(config, foldersOf(config, { isRoot: false, home: folder }), atMs);
  return Object.fromEntries(findings.filter(({ grade }) => grade !== 'ok').map(({ name, grade }) => [name, grade]));
}

describe('settings', () => {
  it('that are sound leave one piece of advice: that somebody else should see the ledger', () => {
    expect(faults()).toEqual({ 'ledger outside this machine': 'advice' });
    expect(faults({ '--anchor-folder': join(folder, 'anchors') })).toEqual({});
  });

  it.each([
    [
      'a listener beyond this machine without TLS',
      { '--control-host': '0.0.0.0', '--unsafe-listen-without-tls': 'true' },
      'listeners',
      'fault',
    ],
    ['a public address without TLS', { '--public-url': 'http://sallyport.example.com' }, 'public address', 'fault'],
    ['a private upstream', { '--allow-private': '127.0.0.1:9000' }, 'private upstreams', 'advice'],
    ['no backups', { '--backup-folder': '' }, 'backups', 'fault'],
    ['a certificate that can not be read', { '--tls-cert-file': '/nowhere.pem', '--tls-key-file': '/nowhere.key' }, 'certificate', 'fault'],
  ])('%s is named', (_name, flags, name, grade) => {
    const { '--backup-folder': backups, ...rest } = flags as Record<string, string>;
    const found = backups === '' ? withoutBackups() : faults(rest);
    expect(found[name]).toBe(grade);
  });

  it('a folder of keys that others can look into, or that lies where copies are made, is named', () => {
    expect(faults({ '--data-dir': folder })['folder of the keys']).toBe('fault');
    expect(faults({ '--backup-folder': folder })['folder of the keys']).toBe('fault');
    chmodSync(join(folder, 'secrets'), 0o755);
    expect(faults()['folder of the keys']).toBe('fault');
    chmodSync(join(folder, 'secrets'), 0o700);
  });

  it('a certificate is watched until it ends', () => {
    const flags = { '--tls-cert-file': fixture('upstream-expired.pem'), '--tls-key-file': fixture('upstream.key') };
    expect(faults(flags).certificate).toBe('fault');
    expect(faults({ ...flags, '--tls-cert-file': fixture('upstream.pem') }).certificate).toBeUndefined();
  });

  function withoutBackups(): Record<string, string> {
    const config = loadConfig({ flags: { '--secrets-dir': join(folder, 'secrets') }, env: {}, file: null });
    const findings = inspectSettings(config, foldersOf(config, { isRoot: false, home: folder }), nowMs);
    return Object.fromEntries(findings.map(({ name, grade }) => [name, grade]));
  }
});

describe('where plain text exists', () => {
  const nobody = () => Promise.reject(new Error('gone'));
  const look = async (flags: Record<string, string>, ask: Parameters<typeof inspectEncryption>[2] = nobody) => {
    const config = loadConfig({
      flags: { '--data-dir': '/var/lib/x', '--secrets-dir': join(folder, 'secrets'), ...flags },
      env: {},
      file: null,
    });
    const found = await inspectEncryption(config, foldersOf(config, { isRoot: false, home: folder }), ask);
    return found.map(({ name, grade }) => `${name}: ${grade}`);
  };

  it('is asked of settings and files where no server answers', async () => {
    expect(await look({})).toEqual(['plain text: ok']);
    const url = 'postgresql://app:secret@db.example.com/sallyport';
    expect(await look({ '--database-url': `${url}?sslmode=disable` })).toEqual(['connection to Postgres: fault']);
    expect(await look({ '--database-url': `${url}?sslmode=no-verify` })).toEqual(['connection to Postgres: fault']);
    expect(await look({ '--database-url': `${url}?sslmode=verify-full` })).toEqual(['plain text: ok']);
    expect(await look({ '--gateway-public-url': 'http://gateway.example.com' })).toEqual(['gateway address: fault']);
    writeFileSync(join(folder, 'secrets', 'kek'), `${JSON.stringify({ kind: 'sallyport-vault-key', id: 'kek_0', key: 'x' })}\n`, {
      mode: 0o600,
    });
    expect(await look({ '--data-dir': join(folder, 'data') })).toEqual(['key file: advice']);
    rmSync(join(folder, 'secrets', 'kek'));
  });

  it('is what the running server found, where one answers', async () => {
    const hops = [{ id: 'server database', warnings: [{ grade: 'fault', text: 'no TLS' }] }];
    expect(await look({}, async () => ({ status: 200, body: { places: [], hops } }))).toEqual(['plain text: server database: fault']);
  });
});

describe('a server that does not answer', () => {
  it('is advice, not a verdict', async () => {
    const nobody = () => Promise.reject(Object.assign(new Error('gone'), { code: 'EGRESS_CONNECT_FAILED' }));
    expect(await inspectRunning(nobody, nowMs + DAY_MS)).toMatchObject([{ name: 'running server', grade: 'advice' }]);
  });
});
