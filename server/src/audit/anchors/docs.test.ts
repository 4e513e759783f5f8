// The policy file in the docs is one that this server takes.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isPolicyFault, isQuorum, parseWitnessPolicy } from './policy.ts';

const PAGE = join(import.meta.dirname, '../../../../docs/witness.md');

it('parses the policy of docs/witness.md, and two of its three witnesses are enough', () => {
  const page = readFileSync(PAGE, 'utf8');
  const text = /^ *```policy\n([^`]*?)^ *```$/m.exec(page)?.[1];
  const policy = parseWitnessPolicy(Buffer.from(text ?? ''));
  if (isPolicyFault(policy)) throw new Error(`line ${policy.line}: ${policy.message}`);
  expect(policy.witnesses.map((one) => one.name)).toEqual(['accountant', 'agency', 'backup']);
  expect(page).toContain(policy.logs[0]?.text as string);
  expect(isQuorum(policy, new Set(['accountant', 'backup']))).toBe(true);
  expect(isQuorum(policy, new Set(['agency']))).toBe(false);
});
