// The seals of the key file, over the outbound door: what each opens, and what each refuses with.

import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  awsKmsOrigin,
  createKeyFile,
  type KeyFileLocation,
  keyOfKit,
  kitOf,
  readKeyFile,
  readSeal,
  recoverKeyFile,
  replaceKeyFile,
  type Seal,
} from '#vault';
import { type AwsKmsServer, startAwsKms } from '../../../testkit/key-services/aws-kms.ts';
import { startTransit, type TransitServer } from '../../../testkit/key-services/transit.ts';
import { keySealer } from './key-sealer.ts';
import { systemRandom } from './world.ts';

let folder: string;
let aws: AwsKmsServer;
let transit: TransitServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seals-'));
  await mkdir(join(folder, 'data'));
  [aws, transit] = [await startAwsKms(), await startTransit()];
});
afterAll(async () => {
  await Promise.all([aws.close(), transit.close()]);
  await rm(folder, { recursive: true, force: true });
});

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: { code?: string }) => error.code ?? error,
  );
const PASSPHRASE = 'correct horse battery staple';
let nth = 0;
let at: KeyFileLocation;

function sealer(change: { passphraseFile?: string | null; transitTokenFile?: string | null; env?: Record<string, string> } = {}) {
  const config = {
    passphraseFile: change.passphraseFile === undefined ? join(folder, 'passphrase') : change.passphraseFile,
    transitTokenFile: change.transitTokenFile === undefined ? join(folder, 'token') : change.transitTokenFile,
    allowPrivate: [new URL(aws.url).host, new URL(transit.url).host],
    extraCaFile: null,
  };
  return keySealer(config, change.env ?? { AWS_ACCESS_KEY_ID: aws.accessKeyId, AWS_SECRET_ACCESS_KEY: aws.secretAccessKey });
}

beforeEach(async () => {
  nth += 1;
  at = { path: join(folder, `secrets-${nth}`, 'kek'), dataDir: join(folder, 'data'), sealer: sealer() };
  await writeFile(join(folder, 'passphrase'), `${PASSPHRASE}\n`, { mode: 0o600 });
  await writeFile(join(folder, 'token'), transit.token, { mode: 0o600 });
  [aws.state, transit.isSealed] = ['enabled', false];
});

const seals = (): readonly Seal[] => [
  { by: 'passphrase' },
  { by: 'aws-kms', region: aws.region, key: aws.key, endpoint: aws.url },
  { by: 'transit', address: transit.url, mount: 'transit', key: transit.key },
];

describe('a key file that is sealed', () => {
  test('opens to the same key, holds none of it in clear, and can be sealed otherwise again', async () => {
    const key = await createKeyFile(at, systemRandom);
    for (const seal of [...seals(), { by: 'file' }, { by: 'passphrase' }]) {
      await replaceKeyFile(at, { key: key.key, of: key.id, wanted: seal }, systemRandom);
      expect((await readSeal(at))?.seal.by).toBe(seal.by);
      const read = await readKeyFile({ ...at, sealer: sealer() });
      expect(read?.id).toBe(key.id);
      expect(read?.key.equals(key.key)).toBe(true);
      const text = await readFile(at.path, 'utf8');
      expect(text.includes(key.key.export().toString('base64url'))).toBe(seal.by === 'file');
      expect(text).not.toContain(PASSPHRASE);
    }
    expect(aws.asked).toContainEqual({ action: 'Decrypt', context: { 'sallyport:key': key.id } });
  });

  test('is refused with a code when the passphrase is wrong, missing, or others may read its file', async () => {
    const key = await createKeyFile(at, systemRandom);
    await replaceKeyFile(at, { key: key.key, of: key.id, wanted: { by: 'passphrase' } }, systemRandom);
    const read = (): Promise<unknown> => codeOf(readKeyFile({ ...at, sealer: sealer() }));
    await writeFile(join(folder, 'passphrase'), 'another one entirely');
    expect(await read()).toBe('VAULT_PASSPHRASE_WRONG');
    await writeFile(join(folder, 'passphrase'), PASSPHRASE);
    expect(await read()).toBe('done');
    await chmod(join(folder, 'passphrase'), 0o644);
    expect(await read()).toBe('MAIN_SECRET_FILE_UNUSABLE');
    await chmod(join(folder, 'passphrase'), 0o600);
    const { sealer: _none, ...bare } = at;
    expect(await codeOf(readKeyFile(bare))).toBe('VAULT_KEY_SEALED');
    await writeFile(join(folder, 'passphrase'), 'short');
    expect(
      await codeOf(replaceKeyFile({ ...at, sealer: sealer() }, { key: key.key, of: key.id, wanted: { by: 'passphrase' } }, systemRandom)),
    ).toBe('VAULT_PASSPHRASE_UNFIT');
    expect((await readSeal(at))?.id).toBe(key.id);
  });

  test.each([1, 2])(
    'by a KMS is refused with a code when it says no, is away, or the file is another installation’s (%i)',
    async (which) => {
      const seal = seals()[which] as Seal;
      const key = await createKeyFile(at, systemRandom);
      await replaceKeyFile(at, { key: key.key, of: key.id, wanted: seal }, systemRandom);
      const read = (change = {}): Promise<unknown> => codeOf(readKeyFile({ ...at, sealer: sealer(change) }));
      if (seal.by === 'aws-kms') {
        for (const state of ['denied', 'disabled'] as const) {
          aws.state = state;
          expect(await read()).toBe('VAULT_KMS_REFUSED');
        }
        aws.state = 'broken';
        expect(await read()).toBe('VAULT_KMS_UNREACHABLE');
        aws.state = 'enabled';
        expect(await read({ env: { AWS_ACCESS_KEY_ID: aws.accessKeyId, AWS_SECRET_ACCESS_KEY: 'wrong' } })).toBe('VAULT_KMS_REFUSED');
        expect(await read({ env: {} })).toBe('VAULT_KEY_SEALED');
      } else {
        transit.isSealed = true;
        expect(await read()).toBe('VAULT_KMS_UNREACHABLE');
        transit.isSealed = false;
        expect(await read({ transitTokenFile: null, env: { VAULT_TOKEN: 'hvs.wrong' } })).toBe('VAULT_KMS_REFUSED');
        expect(await read({ transitTokenFile: null, env: {} })).toBe('VAULT_KEY_SEALED');
        transit.rotate();
        expect(await read()).toBe('done');
      }
      // The same ciphertext under another key's id: the context it is bound to is another.
      const file = JSON.parse(await readFile(at.path, 'utf8')) as { id: string };
      await writeFile(at.path, JSON.stringify({ ...file, id: `kek_${'0'.repeat(32)}` }), { mode: 0o600 });
      expect(await read()).toBe('VAULT_KMS_REFUSED');
    },
  );

  test('that the KMS does not seal stays as it was, in clear', async () => {
    const key = await createKeyFile(at, systemRandom);
    aws.state = 'denied';
    expect(await codeOf(replaceKeyFile(at, { key: key.key, of: key.id, wanted: seals()[1] as Seal }, systemRandom))).toBe(
      'VAULT_KMS_REFUSED',
    );
    expect((await readKeyFile(at))?.id).toBe(key.id);
  });
});

describe('a place that gives nothing', () => {
  const trySeal = (wanted: Seal, change: Parameters<typeof sealer>[0] = {}) =>
    codeOf(Promise.resolve().then(() => sealer(change).seal(wanted, 'kek_0', new Uint8Array(32))));

  test('is refused with a code: an address of a service that is none, and a descriptor that nobody handed on', async () => {
    for (const endpoint of ['kms.example.com', 'https//x', 'ftp://kms.example.com', 'https://me:secret@kms.example.com', ''])
      expect([endpoint, await trySeal({ by: 'aws-kms', region: aws.region, key: aws.key, endpoint })]).toEqual([
        endpoint,
        'VAULT_KMS_REFUSED',
      ]);
    expect(await trySeal({ by: 'transit', address: 'vault:8200', mount: 'transit', key: 'sallyport' })).toBe('VAULT_KMS_REFUSED');
    expect([awsKmsOrigin('cn-north-1'), awsKmsOrigin('eu-central-1')]).toEqual([
      'https://kms.cn-north-1.amazonaws.com.cn',
      'https://kms.eu-central-1.amazonaws.com',
    ]);
    // This process's own pipes: reading one would never end.
    const links = await Promise.all(
      (await readdir('/proc/self/fd')).map(async (fd) => [fd, await readlink(`/proc/self/fd/${fd}`).catch(() => '')] as const),
    );
    const own = links.find(([fd, pipe]) => pipe.startsWith('pipe:') && links.some(([other, same]) => other !== fd && same === pipe));
    for (const descriptor of [own?.[0] ?? 'none', '250'])
      expect(await trySeal({ by: 'passphrase' }, { passphraseFile: `fd:${descriptor}` })).toBe('MAIN_SECRET_FILE_UNUSABLE');
  });
});

describe('the recovery kit', () => {
  test('gives the key back, typed in any case with any spaces, and names the group that is mistyped', async () => {
    const key = await createKeyFile(at, systemRandom);
    const groups = kitOf(key.key);
    expect(groups).toHaveLength(13);
    expect(keyOfKit(groups.join(' ')).id).toBe(key.id);
    expect(keyOfKit(groups.join('-').toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l')).id).toBe(key.id);
    for (let place = 0; place < groups.length; place += 1) {
      const wrong = groups.map((group, one) => (one === place ? `${group.slice(0, 4)}${group[4] === 'X' ? 'Y' : 'X'}` : group));
      expect(() => keyOfKit(wrong.join(' '))).toThrow(`group ${place + 1})`);
    }
    expect(() => keyOfKit([...groups.slice(1), groups[0]].join(' '))).toThrow('group');
    expect(() => keyOfKit(groups.slice(1).join(' '))).toThrow('characters');
  });

  test('brings back a key file that is lost, or whose passphrase is, and refuses the kit of another key', async () => {
    const key = await createKeyFile(at, systemRandom);
    const kit = keyOfKit(kitOf(key.key).join(''));
    expect(await recoverKeyFile(at, kit, { random: systemRandom, isRight: async () => true })).toBe(false);
    await replaceKeyFile(at, { key: key.key, of: key.id, wanted: { by: 'passphrase' } }, systemRandom);
    expect(await recoverKeyFile(at, kit, { random: systemRandom, isRight: async () => true })).toBe(true);
    expect((await readSeal(at))?.seal.by).toBe('file');
    await rm(at.path);
    expect(await recoverKeyFile(at, kit, { random: systemRandom, isRight: async () => true })).toBe(true);
    expect((await readKeyFile(at))?.id).toBe(key.id);
    const other = await createKeyFile({ ...at, path: join(folder, `other-${nth}`, 'kek') }, systemRandom);
    expect(await codeOf(recoverKeyFile(at, keyOfKit(kitOf(other.key).join('')), { random: systemRandom, isRight: async () => true }))).toBe(
      'VAULT_RECOVERY_KIT_INVALID',
    );
  });

  test('asks for the id on the paper where nothing is left to compare a mistyped kit with', async () => {
    const key = await createKeyFile(at, systemRandom);
    const [first, ...rest] = kitOf(key.key);
    await rm(at.path);
    const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
    const typed = [...letters]
      .flatMap((a) => [...letters].map((b) => `${a}${first?.slice(1, 4)}${b}`))
      .find((group) => {
        if (group === first) return false;
        try {
          return keyOfKit([group, ...rest].join('')).id !== key.id;
        } catch {
          return false;
        }
      });
    const wrong = keyOfKit([typed, ...rest].join('')); // its check fits by chance
    const asked: string[] = [];
    const isRight = async (id: string): Promise<boolean> => {
      asked.push(id);
      return id === key.id;
    };
    expect(await codeOf(recoverKeyFile(at, wrong, { random: systemRandom, isRight }))).toBe('VAULT_RECOVERY_KIT_INVALID');
    expect(await readSeal(at)).toBe(null);
    expect(await recoverKeyFile(at, keyOfKit([first, ...rest].join('')), { random: systemRandom, isRight })).toBe(true);
    expect(asked).toEqual([wrong.id, key.id]);
  });
});
