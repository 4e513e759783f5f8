// The migrations of this room, in order.

import type { Migration } from '#storage';
import { migration as vaultKeys } from './0010-vault-keys.ts';
import { migration as vaultCredentials } from './0011-vault-credentials.ts';
import { migration as vaultKnownValues } from './0012-vault-known-values.ts';
import { migration as vaultEpochs } from './0183-vault-epochs.ts';
import { migration as vaultGenerations } from './0220-vault-generations.ts';
import { migration as vaultMoreGenerations } from './0221-vault-more-generations.ts';
import { migration as vaultSealingKeys } from './0224-vault-sealing-keys.ts';
import { migration as vaultTokens } from './0230-vault-tokens.ts';

export const migrations: readonly Migration[] = [
  vaultKeys,
  vaultCredentials,
  vaultKnownValues,
  vaultEpochs,
  vaultGenerations,
  vaultMoreGenerations,
  vaultSealingKeys,
  vaultTokens,
];
