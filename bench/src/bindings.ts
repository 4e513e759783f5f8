// A pool of signed call origins for effect calls: each is good for one effect, so a load run needs as many as it makes calls.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBindingSigner, newRunId } from '@sallyport/demo';
import { EFFECT_CUSTOMER } from './bodies.ts';
import type { StartedSallyport } from './sallyport.ts';

/** Writes `count` header values, one a line, and returns the file. Signed now: they expire within minutes. */
export function writeBindings(sallyport: StartedSallyport, count: number, folder: string): string {
  const signer = createBindingSigner({ workload: sallyport.workload, privateKey: sallyport.privateKey });
  const run = newRunId(Date.now());
  const customer = { id: EFFECT_CUSTOMER, assurance: 'session' } as const;
  const lines = Array.from({ length: count }, (_, nth) => signer.sign({ run, customer, toolCallId: `call_${nth}` }));
  const file = join(folder, 'bindings');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}
