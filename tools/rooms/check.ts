// The `rooms` suite: first proves that every import rule still sees its planted breach, then looks at the real tree.
// A tool that looked at too little fails; it never passes by having nothing to say.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { finish } from '../suites/report.ts';
import { PLANTS, runCanary } from './canary.ts';
import { inspectRooms, lookedAtTooLittle } from './inspect.ts';
import { RULES } from './rules.ts';
import { SCAN_RULES } from './scan.ts';

const root = join(import.meta.dirname, '../..');
const canaryFaults = await runCanary(join(root, '.state'), readFileSync(join(root, 'server/package.json'), 'utf8'));
const { breaches, modules, files } = await inspectRooms(root);
const broken = new Set(breaches.map((breach) => breach.rule));
const rules = RULES.length + SCAN_RULES.length;

finish({
  passed: rules - broken.size,
  failures: [
    ...canaryFaults.map((fault) => `canary: ${fault}`),
    ...lookedAtTooLittle({ modules, files }),
    ...breaches.map((breach) => `${breach.path} ${breach.message} [${breach.rule}]`),
  ],
  notes: [`${rules} rules, ${PLANTS.length} planted breaches, ${modules} modules of ${files} files looked at`],
});
