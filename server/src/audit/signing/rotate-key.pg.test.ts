// Rotation of the signing key on a real Postgres: who signs when, what the chain says, and a kill between any two steps.

import { generateKeyPairSync } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TenantId } from '#core';
import { createFileAnchor } from '../anchor.ts';
import { startEpoch } from '../epoch.ts';
import { rotationText } from '../ledger-texts.ts';
import { type LedgerLab, openLab } from '../test/ledger-lab.ts';
import { createLedgerHealth } from '../watch-health.ts';
import { type LedgerSigner, OVERLAP_MS } from './ledger-signer.ts';
import {
  encodeVerifierKey,
  formatNote,
  isSignedBy,
  type ParsedNote,
  parseNote,
  parseVerifierKey,
  rawPublicKey,
  signatureLine,
} from './note.ts';
import { createKeyRotation, type KeyChainView, type KeyRotation } from './rotate-key.ts';
import { createSigningKeyFile, keyFileOf, loadSigningKey, openSigningKeys } from './signing-key.ts';

let lab: LedgerLab;
let tenant: TenantId;
let rotation: KeyRotation;
beforeEach(async () => {
  lab = await openLab();
  tenant = lab.newTenant();
  rotation = rotationOf(lab.signer);
  await seal();
});
afterEach(() => lab.close());

const rotationOf = (signer: LedgerSigner): KeyRotation =>
  createKeyRotation({ db: lab.database.db, signer, clock: lab.clock, random: lab.random });
const asOwner = () => ({ tenant, actor: 'person:per_owner' });

async function seal(sequencer = lab.sequencer): Promise<void> {
  await lab.write(tenant, 1);
  for (let moved = 1; moved > 0; ) moved = await sequencer.runOnce();
}

async function newest(): Promise<ParsedNote> {
  const rows = await lab.database.admin<{ note: string }>('select note from audit_checkpoint order by size desc limit 1');
  return parseNote(rows[0]?.note ?? '') as ParsedNote;
}

/** Sequences of the keys whose signature the newest checkpoint bears. */
async function signers({ origin, keys }: KeyChainView): Promise<readonly number[]> {
  const note = await newest();
  const signed = keys.filter(({ verifierKey }) => isSignedBy(note, origin, parseVerifierKey(verifierKey)?.publicKey as Buffer));
  expect(note.signatures).toHaveLength(signed.length);
  return signed.map(({ sequence }) => sequence);
}

const rotated = async (by = rotation): Promise<KeyChainView> => (await by.rotate(asOwner())) as KeyChainView;

describe('rotating the signing key', () => {
  it('lets both keys sign for seven days, then the new one alone; name and place of the log stay', async () => {
    const before = lab.signer.origin;
    const chain = await rotated();
    expect(chain.keys.map(({ sequence, isSigning }) => [sequence, isSigning])).toEqual([
      [1, true],
      [2, true],
    ]);
    await seal();
    expect(await signers(chain)).toEqual([1, 2]);
    lab.clock.advance(OVERLAP_MS - 1);
    await seal();
    expect(await signers(chain)).toEqual([1, 2]);
    lab.clock.advance(1);
    await seal();
    expect(await signers(chain)).toEqual([2]);
    expect([lab.signer.origin, (await newest()).text.split('\n')[0]]).toEqual([before, before]);
    expect((await lab.ledger.list(tenant, { type: 'audit.key.rotated' })).map(({ entry }) => entry.public)).toEqual([
      { phase: 'begun', sequence: 2 },
    ]);
  });

  it('states the succession in a note of both keys, which nobody can change or remove', async () => {
    const { origin, keys } = await rotated();
    const [first, second] = keys.map(({ verifierKey }) => parseVerifierKey(verifierKey));
    const statement = parseNote(keys[1]?.statement ?? '') as ParsedNote;
    expect(statement.text).toBe(rotationText(origin, 2, keys[1]?.verifierKey ?? ''));
    expect(isSignedBy(statement, origin, first?.publicKey as Buffer)).toBe(true);
    expect(isSignedBy(statement, origin, second?.publicKey as Buffer)).toBe(true);
    for (const table of ['audit_key', 'audit_key_end']) {
      for (const text of [`update ${table} set sequence = 9`, `delete from ${table}`, `truncate ${table}`]) {
        await expect(lab.database.admin(text)).rejects.toMatchObject({ code: 'SP050' });
      }
    }
  });

  it('is one at a time, and is finished early on request', async () => {
    expect(await rotation.finish(asOwner())).toMatchObject({ kind: 'deny', code: 'AUDIT_ROTATION_NONE' });
    await rotated();
    expect(await rotation.rotate(asOwner())).toMatchObject({ kind: 'deny', code: 'AUDIT_ROTATION_UNDER_WAY' });
    const chain = (await rotation.finish(asOwner())) as KeyChainView;
    await seal();
    expect(await signers(chain)).toEqual([2]);
    const third = await rotated();
    await seal();
    expect(await signers(third)).toEqual([2, 3]);
    expect(third.keys.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });

  it('needs the old key file no more once it has stopped; the memory of the last checkpoint stays valid', async () => {
    await rotated();
    await rotation.finish(asOwner());
    rmSync(lab.keyPath);
    const signer = openSigningKeys(lab.keyPath);
    expect(existsSync(lab.keyPath)).toBe(false);
    // The file in the anchor was signed while the first key still did.
    await seal(lab.another({ signer }));
    expect(await signers(await rotationOf(signer).show())).toEqual([2]);
  });
});

describe('a ledger of an earlier version', () => {
  it('whose restore began an epoch before its first key was noted can be rotated', async () => {
    await lab.database.admin('alter table audit_key disable trigger all');
    await lab.database.admin('delete from audit_key');
    const note = (await newest()).signatures[0]?.line ?? '';
    const lastWitnessed = `${(await newest()).text}\n${note}\n`;
    await lab.database.db.asSystem('sequencer', (tx) =>
      startEpoch(tx, { lastWitnessed, restoredAt: lastWitnessed }, { signer: lab.signer, clock: lab.clock }),
    );
    const chain = await rotated();
    expect(chain.keys.map(({ sequence }) => sequence)).toEqual([1, 2]);
    await seal(lab.another({ signer: loadSigningKey(lab.keyPath) }));
    const rows = await lab.database.admin<{ note: string }>('select note from audit_checkpoint where epoch = 2 order by size desc limit 1');
    expect(parseNote(rows[0]?.note ?? '')?.signatures.map(({ name }) => name)).toEqual([`${chain.origin}.2`, `${chain.origin}.2`]);
  });
});

describe('a rotation that was cut off', () => {
  it('after the key file was made: nothing signs with it, and the next attempt takes it', async () => {
    createSigningKeyFile(keyFileOf(lab.keyPath, 2));
    const made = readFileSync(keyFileOf(lab.keyPath, 2));
    const signer = loadSigningKey(lab.keyPath);
    await seal(lab.another({ signer }));
    expect((await newest()).signatures).toHaveLength(1);
    const chain = await rotated(rotationOf(signer));
    expect(readFileSync(keyFileOf(lab.keyPath, 2))).toEqual(made);
    await seal(lab.another({ signer }));
    expect(await signers(chain)).toEqual([1, 2]);
  });

  it('before the statement was committed: the same key is stated by the next attempt', async () => {
    const broken = createKeyRotation({
      db: {
        asSystem: async (role, work) => {
          await lab.database.db.asSystem(role, async (tx) => {
            await work(tx);
            throw new Error('killed');
          });
          throw new Error('not reached');
        },
      },
      signer: loadSigningKey(lab.keyPath),
      clock: lab.clock,
      random: lab.random,
    });
    await expect(broken.rotate(asOwner())).rejects.toThrow('killed');
    expect(await lab.database.admin('select sequence from audit_key')).toEqual([{ sequence: 1 }]);
    await seal();
    expect((await newest()).signatures).toHaveLength(1);
    const chain = await rotated();
    expect(chain.keys).toHaveLength(2);
    await seal();
    expect(await signers(chain)).toEqual([1, 2]);
  });

  it('while a key file was written: half a key is never there under its name', async () => {
    writeFileSync(`${keyFileOf(lab.keyPath, 2)}.0b7c`, '-----BEGIN PRIV', { mode: 0o600 });
    const chain = await rotated(rotationOf(loadSigningKey(lab.keyPath)));
    expect(chain.keys).toHaveLength(2);
  });
});

describe('another server of the same ledger', () => {
  /** Its own secrets folder with the first key only. */
  function elsewhere(): { signer: LedgerSigner; path: string } {
    const folder = join(lab.folder, 'elsewhere');
    mkdirSync(folder);
    const path = join(folder, 'audit.key');
    copyFileSync(lab.keyPath, path);
    return { signer: loadSigningKey(path), path };
  }

  it('without the new key file signs nothing and moves nothing until it has the file', async () => {
    const { signer, path } = elsewhere();
    const other = lab.another({ signer, anchor: createFileAnchor(join(lab.folder, 'elsewhere', 'anchor'), signer) });
    await seal(other);
    const chain = await rotated();
    await lab.write(tenant, 1);
    await expect(other.runOnce()).rejects.toMatchObject({ code: 'AUDIT_KEY_MISSING' });
    const health = createLedgerHealth({ db: lab.database.db, clock: lab.clock, anchors: [], verifyEveryMs: 0, sealingFault: other.fault });
    expect(await health.report(tenant)).toMatchObject({ state: 'failed', problems: [{ what: 'sealing', code: 'AUDIT_KEY_MISSING' }] });
    await expect(other.runOnce()).rejects.toMatchObject({ code: 'AUDIT_KEY_MISSING' });
    const before = (await newest()).text;
    expect((await newest()).text).toBe(before);
    copyFileSync(keyFileOf(lab.keyPath, 2), keyFileOf(path, 2));
    await seal(other);
    expect(await health.report(tenant)).toMatchObject({ state: 'ok', problems: [] });
    expect(await signers(chain)).toEqual([1, 2]);
  });

  it('with another key under the next name is refused', async () => {
    const { signer, path } = elsewhere();
    await rotated();
    createSigningKeyFile(keyFileOf(path, 2));
    await expect(lab.another({ signer }).runOnce()).rejects.toMatchObject({ code: 'AUDIT_KEY_FOREIGN' });
    await expect(lab.another({ signer: loadSigningKey(path) }).runOnce()).rejects.toMatchObject({ code: 'AUDIT_KEY_FOREIGN' });
  });

  it('does not follow a key that somebody only wrote into the database', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const { origin } = lab.signer;
    const key = encodeVerifierKey(origin, rawPublicKey(privateKey));
    const text = rotationText(origin, 2, key);
    // Everything but the signature of the key before it.
    const statement = formatNote(text, [signatureLine(origin, privateKey, text)]);
    await lab.database.admin('insert into audit_key values (2, $1, $2, now())', [key, statement]);
    await lab.write(tenant, 1);
    await expect(lab.sequencer.runOnce()).rejects.toMatchObject({ code: 'AUDIT_KEY_FOREIGN' });
  });
});
