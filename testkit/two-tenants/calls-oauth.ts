// Calls of OAuth: clients, consents, one-time secrets, revoked tokens, what may be presented once. The keys that sign belong to nobody.

import { acts, asks, type Calls, overAll, pure } from './call.ts';
import { AT_MS, ids } from './seed.ts';

const at = new Date(AT_MS);
const later = new Date(AT_MS + 3_600_000);
const digest = Buffer.alloc(32, 7);

export const callsOfOAuth: Calls = {
  'identity/store/oauth': {
    addClient: acts(({ tx, tenant }) => [
      tx,
      tenant,
      {
        ...{ id: ids.client.replace(/1$/, '9'), client_id: 'another', kind: 'app', name: 'More', workload: ids.workload, jwks: null },
        ...{ redirect_uris: [], binding: 'none', scope: null, created_at: at, created_by: ids.person },
      },
    ]),
    redescribeClient: acts(({ tx, tenant }) => [tx, tenant, { id: ids.client, name: 'Anew', jwks: null, redirect_uris: [] }]),
    endClient: asks(({ tx, tenant }) => [tx, tenant, ids.client, at]),
    listClients: asks(({ tx, tenant }) => [tx, tenant]),
    findClientByName: asks(({ tx, tenant }) => [tx, tenant, 'desk']),
    addFamily: acts(({ tx, tenant }) => [
      tx,
      tenant,
      {
        ...{ id: ids.family.replace(/1$/, '9'), client: ids.client, person: ids.person, resource: 'https://gateway.example.com' },
        ...{ scope: ['shop'], jkt: null, created_at: at, expires_at: later },
      },
    ]),
    endFamilies: asks(({ tx, tenant }) => [tx, tenant, { person: ids.person }, { at, reason: 'ended' }]),
    renewFamily: acts(({ tx, tenant }) => [tx, tenant, ids.family, { expiresAt: later, jkt: null }]),
    holdFamily: asks(({ tx, tenant }) => [tx, tenant, ids.family]),
    listFamilies: asks(({ tx, tenant }) => [tx, tenant]),
    addSecret: acts(({ tx, tenant }) => [
      tx,
      tenant,
      {
        ...{ lookup: 'fresh', hash: digest, pepper: 'p', kind: 'refresh', family: ids.family, redirect_uri: null, challenge: null },
        expires_at: later,
      },
    ]),
    useSecret: asks(({ tx, tenant }) => [tx, tenant, 'g1', at]),
    revokeToken: acts(({ tx, tenant }) => [tx, tenant, { id: ids.token.replace(/1$/, '9'), expiresAt: later }]),
  },
  'identity/store/oauth-rows': {
    parseOAuthChange: pure,
    readOAuth: overAll,
    readClient: asks(({ db, tenant }) => [db, tenant, ids.client]),
    readFamily: asks(({ db, tenant }) => [db, tenant, ids.family]),
    findSecret: overAll,
    sweepOAuth: overAll,
  },
  'identity/store/replays': { addNew: overAll, addReplays: overAll, sweepReplays: overAll },
  'identity/store/token-keys': { readTokenKeys: overAll, holdTokenKeys: overAll, addTokenKey: overAll, dropTokenKeys: overAll },
};
