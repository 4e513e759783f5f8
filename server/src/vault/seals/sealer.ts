// The one table of what can seal the key file. INVARIANT: what can not be opened is refused with what to do about it; nothing falls back.

import type { Random } from '#core';
import { vaultFault } from '../envelope.ts';
import type { KeySealer } from '../key-file.ts';
import { type AwsKms, openByAws, sealByAws } from './aws-kms.ts';
import { openByPassphrase, sealByPassphrase } from './passphrase.ts';
import { openByTransit, sealByTransit, type Transit } from './transit.ts';

export interface SealerDeps {
  /** Asked for once it is needed; null: nobody can give it. `isNew`: the one to seal with from now on. */
  readonly passphrase: (isNew: boolean) => Promise<string | null>;
  readonly awsKms: AwsKms;
  readonly transit: Transit;
  readonly random: Random;
}

export function createKeySealer({ passphrase, awsKms, transit, random }: SealerDeps): KeySealer {
  const given = async (isNew: boolean): Promise<string> => {
    const text = await passphrase(isNew);
    if (text === null || text === '') throw vaultFault('VAULT_KEY_SEALED', 'passphrase');
    return text;
  };
  return {
    open: async (seal, keyId, sealed) => {
      if (seal.by === 'passphrase') return openByPassphrase(await given(false), seal, keyId, sealed);
      if (seal.by === 'aws-kms') return openByAws(awsKms, seal, keyId, sealed);
      if (seal.by === 'transit') return openByTransit(transit, seal, keyId, sealed);
      throw vaultFault('VAULT_KEY_FILE_UNUSABLE', 'its seal is of a kind this version does not know');
    },
    seal: async (seal, keyId, key) => {
      if (seal.by === 'passphrase') return sealByPassphrase(await given(true), keyId, key, random);
      if (seal.by === 'aws-kms') return sealByAws(awsKms, seal, keyId, key);
      if (seal.by === 'transit') return sealByTransit(transit, seal, keyId, key);
      throw vaultFault('VAULT_KEY_FILE_UNUSABLE', 'its seal is of a kind this version does not know');
    },
  };
}
