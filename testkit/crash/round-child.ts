// A process that begins a round over the keys and is killed by itself, as by the machine, when the round comes to a step.
// Arguments as JSON: the database, the key file, which round, and the step.

import { randomBytes } from 'node:crypto';
import { createDatabase } from '../../server/src/storage/index.ts';
import { createVault } from '../../server/src/vault/index.ts';
import { PLACES } from './sealed-notes.ts';

const order = JSON.parse(process.argv[2] ?? '{}') as {
  readonly url: string;
  readonly keyFile: { readonly path: string; readonly dataDir: string };
  readonly round: 'changeEpoch' | 'rotateTenants' | 'rotateFile' | 'reencrypt';
  readonly step: string;
};
const random = { bytes: (count: number) => randomBytes(count) };
const db = createDatabase({ url: order.url, poolSize: 4, onFault: () => undefined });
const vault = await createVault({
  db,
  keyFile: order.keyFile,
  clock: { now: () => Date.now() },
  random,
  mayHold: async () => null,
});
const onStep = ({ step }: { readonly step: string }): void => {
  if (step === order.step) process.kill(process.pid, 'SIGKILL');
};
if (order.round === 'reencrypt') await vault.reencryption(PLACES, db).run(onStep);
else await vault.rounds[order.round](onStep);
process.stdout.write('not killed\n');
process.exit(0);
