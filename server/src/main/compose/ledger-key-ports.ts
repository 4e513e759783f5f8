// The chain of signing keys for the control plane.

import type { KeyChainView } from '#audit';
import type { ControlPorts, LedgerKeysView } from '#control';
import { formatTime, isRefusal, type Refusal } from '#core';
import type { Rooms } from './rooms.ts';

function present(chain: KeyChainView): LedgerKeysView {
  const keys = chain.keys.map(({ sequence, verifierKey, statement, addedAtMs, isSigning, endsAtMs }) => ({
    sequence,
    verifierKey,
    statement,
    addedAt: formatTime(addedAtMs),
    signing: isSigning,
    endsAt: endsAtMs === null ? null : formatTime(endsAtMs),
  }));
  return { origin: chain.origin, keys };
}

const presented = (chain: KeyChainView | Refusal): LedgerKeysView | Refusal => (isRefusal(chain) ? chain : present(chain));

export function ledgerKeyPorts(rooms: Pick<Rooms, 'keyRotation' | 'sequencer'>): Pick<ControlPorts, 'ledgerKeys'> {
  return {
    ledgerKeys: {
      show: async () => present(await rooms.keyRotation.show()),
      rotate: async ({ tenant, person }) => presented(await rooms.keyRotation.rotate({ tenant, actor: person })),
      finish: async ({ tenant, person }) => presented(await rooms.keyRotation.finish({ tenant, actor: person })),
    },
  };
}
