// Calls of the store of tokens.

import { acts, asks, type Calls } from './call.ts';
import { AT_MS } from './seed-time.ts';

const at = new Date(AT_MS);
const blind = Buffer.alloc(32, 0x31);
const ID = 'AAAAAAAAAAAAAAAAAAAAAA';
const purpose = {
  name: 'other',
  classes: ['email_address'],
  openers: [],
  keepDays: 1,
  keyId: 'pk2',
  declaredAt: at,
  declaredBy: 'per_x',
} as const;
const token = {
  id: 'BBBBBBBBBBBBBBBBBBBBBB',
  purpose: 'support',
  dataClass: 'email_address',
  blind: Buffer.alloc(32, 0x33),
  owner: null,
  subjectKey: null,
  sealed: null,
  standIn: null,
  madeAt: at,
} as const;

export const callsOfTokens: Calls = {
  'vault/store/tokens': {
    renameTokenKeys: acts(({ tx, tenant }) => [tx, tenant, { id: 'x', own: ['a', 'b'], purpose: ['a', 'b'] }]),
    keysOfPurposes: asks(({ tx, tenant }) => [tx, tenant]),
    findPurpose: asks(({ tx, tenant }) => [tx, tenant, 'support']),
    queuePurpose: asks(({ tx, tenant }) => [tx, tenant, 'support']),
    holdPurpose: asks(({ tx, tenant }) => [tx, tenant, 'support']),
    sharePurpose: asks(({ tx, tenant }) => [tx, tenant, 'support']),
    putPurpose: acts(({ tx, tenant }) => [tx, tenant, purpose]),
    countPurposes: asks(({ tx, tenant }) => [tx, tenant]),
    listPurposes: asks(({ tx, tenant }) => [tx, tenant]),
    dropPurpose: asks(({ tx, tenant }) => [tx, tenant, 'support', at]),
    findByValue: asks(({ tx, tenant }) => [tx, tenant, 'support', [{ dataClass: 'email_address', blind }]]),
    findByToken: asks(({ tx, tenant }) => [tx, tenant, 'support', { ids: [ID], standIns: [] }]),
    addTokens: acts(({ tx, tenant }) => [tx, tenant, [token]]),
    endTokensOfKeys: acts(({ tx, tenant }) => [tx, tenant, ['sk1', 'pk1'], at]),
    addOpening: acts(({ tx, tenant }) => [tx, tenant, { id: 'tko_2', purpose: 'support', person: 'per_x', opened: 1, at }]),
    openedSince: asks(({ tx, tenant }) => [
      tx,
      tenant,
      { purpose: 'support', person: 'per_018cc251-f400-7000-8000-000000000001', since: new Date(AT_MS - 1) },
    ]),
    changedTokens: asks(({ tx, tenant }) => [tx, tenant]),
    readHeldTokens: asks(({ tx, tenant }) => [tx, tenant, ['support mark']]),
    endTokens: acts(({ tx, tenant }) => [tx, tenant, [ID], at]),
    claimToken: acts(({ tx, tenant }) => [
      tx,
      tenant,
      { id: ID, owner: 'other', ownerBefore: 'mark', subjectKey: 'sk2', sealed: Buffer.from('s') },
    ]),
    keysInUse: asks(({ tx, tenant }) => [tx, tenant, ['sk1']]),
  },
};
