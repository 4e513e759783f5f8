// All cases, in the order in which they run.

import type { AttackCase } from '../types.ts';
import { ACCOUNT_CASES } from './account.ts';
import { DISCLOSURE_CASES } from './disclosure.ts';
import { HIDDEN_CASES } from './hidden.ts';
import { REFUND_CASES } from './refunds.ts';
import { SMUGGLING_CASES } from './smuggling.ts';

export const ATTACK_CASES: readonly AttackCase[] = [
  ...REFUND_CASES,
  ...DISCLOSURE_CASES,
  ...ACCOUNT_CASES,
  ...HIDDEN_CASES,
  ...SMUGGLING_CASES,
];
