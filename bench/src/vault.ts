// What it costs to seal and to open, beside AES-256-GCM of node:crypto on the same bytes: in one process against a durable Postgres, in one
// transaction, each in turns, so that a busy machine is busy for all of them. And what a key epoch costs for each person.

import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isRefusal, newId } from '../../server/src/core/index.ts';
import { migrations as storageMigrations } from '../../server/src/storage/index.ts';
import { createVault, migrations as vaultMigrations } from '../../server/src/vault/index.ts';
import { startTestCluster } from '../../testkit/cluster.ts';
import { findEvents } from '../../testkit/find-events.ts';
import { temporaryFolder } from '../../testkit/temporary-folder.ts';
import { testDatabase } from '../../testkit/test-database.ts';
import type { BenchOptions } from './gateway.ts';
import { describeMachine, nodeVersion } from './machine.ts';
import { atMost, type BenchReport, figure, median, ratio } from './report.ts';

const TIMES = 200;
const PEOPLE = 2_000;
const TEXT = Buffer.from(
  'Ada Example, 12 Invented Street, 90210 Exampleton, 555-0100, ada@example.com, order 1001, please send it to my neighbour',
);

export async function benchVault(options: BenchOptions): Promise<BenchReport> {
  const machine = await describeMachine();
  const cluster = await startTestCluster();
  const folder = await temporaryFolder('sallyport-bench-vault-');
  const database = await testDatabase([...storageMigrations, ...vaultMigrations], { cluster, poolSize: 4, events: await findEvents() });
  const [secrets, data] = [join(folder.path, 'secrets'), join(folder.path, 'data')];
  for (const path of [secrets, data]) await mkdir(path);
  await chmod(secrets, 0o700);
  const world = { clock: { now: () => Date.now() }, random: { bytes: (count: number) => randomBytes(count) } };
  const vault = await createVault({
    db: database.db,
    keyFile: { path: join(secrets, 'kek'), dataDir: data },
    mayHold: async () => null,
    ...world,
  });
  const tenant = newId('ten', world.clock, world.random);
  const took: Record<string, number[]> = {};
  const each = async (name: string, times: number, once: (nth: number) => unknown): Promise<void> => {
    const from = performance.now();
    for (let nth = 0; nth < times; nth += 1) await once(nth);
    took[name] = [...(took[name] ?? []), ((performance.now() - from) * 1_000) / times];
  };
  const key = randomBytes(32);
  const bareSeal = (): Buffer => {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, iv);
    return Buffer.concat([iv, cipher.update(TEXT), cipher.final(), cipher.getAuthTag()]);
  };
  const bareOpen = (sealed: Buffer): Buffer => {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
    decipher.setAuthTag(sealed.subarray(-16));
    return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
  };
  const seal = { tenant, purpose: 'bench', plaintext: TEXT };
  try {
    for (let round = 0; round < options.rounds; round += 1) {
      options.progress(`round ${round + 1} of ${options.rounds}`);
      const sealed: Uint8Array[] = [];
      await database.db.inTenant(tenant, async (tx) => {
        await each('first', TIMES, (nth) => vault.seal(tx, { ...seal, subject: `customer:${round}-${nth}` }));
        await each('seal', TIMES, async () => sealed.push(await vault.seal(tx, { ...seal, subject: 'customer:same' })));
      });
      await each('bare seal', TIMES * 10, bareSeal);
      const bare = bareSeal();
      await each('bare open', TIMES * 10, () => bareOpen(bare));
      await each('bare hmac', TIMES * 10, () => createHmac('sha256', key).update(TEXT).digest('base64url'));
      await database.db.inTenant(tenant, async (tx) => {
        await each('open', TIMES, (nth) => vault.open(tx, { tenant, purpose: 'bench', sealed: sealed[nth] as Uint8Array }));
        await each('index', TIMES, () => vault.blindIndex(tx, tenant, 'email', 'ada@example.com'));
      });
      await database.db.inTenant(tenant, async (tx) => {
        const from = performance.now();
        await vault.openMany(tx, { tenant, purpose: 'bench', sealed });
        took.many = [...(took.many ?? []), ((performance.now() - from) * 1_000) / TIMES];
      });
    }
    for (let from = 0; from < PEOPLE; from += TIMES) {
      await database.db.inTenant(tenant, async (tx) => {
        for (let nth = from; nth < from + TIMES; nth += 1) await vault.seal(tx, { ...seal, subject: `customer:epoch-${nth}` });
      });
    }
    options.progress('a new epoch');
    const begun = performance.now();
    const report = await vault.rounds.changeEpoch();
    if (isRefusal(report)) throw new Error(report.code);
    const epochUs = ((performance.now() - begun) * 1_000) / report.wrapped;
    const of = (name: string): number | null => median(took[name] ?? []);
    return {
      name: 'vault',
      machine,
      versions: { node: nodeVersion() },
      rounds: options.rounds,
      results: [
        figure('AES-256-GCM of node:crypto, seal', of('bare seal'), 'us'),
        figure('AES-256-GCM of node:crypto, open', of('bare open'), 'us'),
        figure('seal for somebody known (one look at the database)', of('seal'), 'us', atMost(1_000)),
        figure('seal for somebody new (their key is made)', of('first'), 'us', atMost(4_000)),
        figure('open, key known in the transaction', of('open'), 'us', atMost(100)),
        figure('open many, each', of('many'), 'us', atMost(100)),
        figure('blind index', of('index'), 'us', atMost(50)),
        figure('seal over bare seal', ratio(of('seal'), of('bare seal')), 'x'),
        figure('open over bare open', ratio(of('open'), of('bare open')), 'x', atMost(10)),
        figure('open many over bare open', ratio(of('many'), of('bare open')), 'x', atMost(10)),
        figure('blind index over bare HMAC', ratio(of('index'), of('bare hmac')), 'x'),
        figure('a new epoch, each person', epochUs, 'us', atMost(1_000)),
      ],
      notes: [`${TEXT.byteLength} bytes each; ${report.wrapped} keys wrapped anew by the epoch, list of survivors and files included`],
    };
  } finally {
    await vault.close();
    await database.close();
    await cluster.stop();
    await folder.remove();
  }
}
