// Migrations of this room, in order.

import type { Migration } from '#storage';
import { migration as calls } from './0060-enforcement-calls.ts';
import { migration as recovery } from './0061-enforcement-recovery.ts';
import { migration as samples } from './0066-enforcement-samples.ts';
import { migration as readBack } from './0067-enforcement-read-back.ts';
import { migration as instances } from './0128-enforcement-instances.ts';
import { migration as customers } from './0168-enforcement-customers.ts';
import { migration as dataRules } from './0175-enforcement-data-rules.ts';
import { migration as dataPatterns } from './0180-enforcement-data-patterns.ts';
import { migration as dataGuesses } from './0215-enforcement-data-guesses.ts';
import { migration as dataAsked } from './0251-enforcement-data-asked.ts';
import { migration as shopGoods } from './0252-enforcement-shop-goods.ts';

export const migrations: readonly Migration[] = [
  calls,
  recovery,
  samples,
  readBack,
  instances,
  customers,
  dataRules,
  dataPatterns,
  dataGuesses,
  dataAsked,
  shopGoods,
];
