// What it costs to know who calls: an API key, an access token, one bound to a key. In one process against a durable Postgres; each kind
// in turns, round after round, so that a busy machine is busy for all of them.

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { PresentedAt, Principal, Refusal } from '../../server/src/core/index.ts';
import { createIdentity, type Identity, migrations as identityMigrations } from '../../server/src/identity/index.ts';
import { migrations as storageMigrations } from '../../server/src/storage/index.ts';
import { startTestCluster } from '../../testkit/cluster.ts';
import { findEvents } from '../../testkit/find-events.ts';
import { testDatabase } from '../../testkit/test-database.ts';
import type { BenchOptions } from './gateway.ts';
import { describeMachine, nodeVersion } from './machine.ts';
import { atMost, type BenchReport, figure, median, ratio } from './report.ts';

const GATEWAY = 'http://127.0.0.1:4800';
const RESOURCE = `${GATEWAY}/v1`;
const URL_OF = `${GATEWAY}/v1/chat/completions`;
const TOKEN_URL = 'http://localhost:4810/oauth/token';
/** Calls in memory are measured by the thousand: one of them is shorter than the clock is fine. */
const BATCH = 2_000;
const BOUND_CALLS = 300;

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

interface Keys {
  readonly privateKey: KeyObject;
  readonly jwk: object;
}

function newKeys(): Keys {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { kty, crv, x, y } = publicKey.export({ format: 'jwk' });
  return { privateKey, jwk: { kty, crv, x, y } };
}

function jws({ privateKey }: Keys, header: object, payload: object): string {
  const text = `${encode({ alg: 'ES256', ...header })}.${encode(payload)}`;
  return `${text}.${sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

const nowS = (): number => Math.floor(Date.now() / 1_000);
const jti = (): string => randomBytes(12).toString('base64url');

function proof(keys: Keys, htm: string, htu: string, token: string | null): string {
  const ath = token === null ? {} : { ath: createHash('sha256').update(token).digest('base64url') };
  return jws(keys, { typ: 'dpop+jwt', jwk: keys.jwk }, { htm, htu, iat: nowS(), jti: jti(), ...ath });
}

function at(presented: string | null): PresentedAt {
  const accepts = (audience: string): boolean => audience === RESOURCE;
  return { scheme: presented === null ? 'bearer' : 'dpop', proof: presented, method: 'POST', urls: [URL_OF], accepts };
}

function mustBeIn(answer: Principal | Refusal): void {
  if (answer.kind !== 'workload') throw new Error(`refused: ${JSON.stringify(answer)}`);
}

export async function benchIdentity(options: BenchOptions): Promise<BenchReport> {
  const machine = await describeMachine();
  const cluster = await startTestCluster();
  const database = await testDatabase([...storageMigrations, ...identityMigrations], { cluster, poolSize: 8, events: await findEvents() });
  const identity = await createIdentity({
    db: database.db,
    clock: { now: () => Date.now() },
    random: { bytes: (count) => randomBytes(count) },
    pepper: randomBytes(32),
    oauth: {
      place: {
        issuer: () => 'http://localhost:4810',
        urls: (path) => [`http://localhost:4810${path}`],
        resource: (text) => (text === RESOURCE ? { audience: text, integration: null } : null),
      },
      fetch: async () => null,
      integrations: () => ['model'],
      needsProof: false,
    },
  });
  try {
    const subject = await openSubject(identity);
    const took: Record<'key' | 'token' | 'fresh' | 'proof' | 'bound', number[]> = { key: [], token: [], fresh: [], proof: [], bound: [] };
    const eachUs = (times: number, once: () => void): number => {
      const from = performance.now();
      for (let n = 0; n < times; n += 1) once();
      return ((performance.now() - from) * 1_000) / times;
    };
    for (let round = 0; round < options.rounds; round += 1) {
      options.progress(`round ${round + 1} of ${options.rounds}`);
      took.key.push(eachUs(BATCH, () => mustBeIn(identity.authenticateCall(subject.key, at(null)) as Principal)));
      const token = await subject.token(null);
      // The first use of a token pays for its signature.
      took.fresh.push(eachUs(1, () => mustBeIn(identity.authenticateCall(token, at(null)) as Principal)));
      took.token.push(eachUs(BATCH, () => mustBeIn(identity.authenticateCall(token, at(null)) as Principal)));
      const keys = newKeys();
      const bound = await subject.token(keys);
      mustBeIn(await identity.authenticateCall(bound, at(proof(keys, 'POST', URL_OF, bound))));
      for (let n = 0; n < BOUND_CALLS; n += 1) {
        const presented = at(proof(keys, 'POST', URL_OF, bound));
        const from = performance.now();
        const answer = identity.authenticateCall(bound, presented);
        took.proof.push((performance.now() - from) * 1_000);
        mustBeIn(await answer);
        took.bound.push(performance.now() - from);
      }
    }
    const [key, token, fresh, checked, bound] = [took.key, took.token, took.fresh, took.proof, took.bound].map(median);
    const p99 = quantile(took.bound, 0.99);
    return {
      name: 'identity',
      machine,
      versions: { node: nodeVersion() },
      rounds: options.rounds,
      results: [
        figure('an API key', key ?? null, 'us', atMost(30)),
        figure('an access token, known', token ?? null, 'us', atMost(30)),
        figure('an access token, its first call', fresh ?? null, 'us'),
        figure('a bound token: proof checked, before it is written down', checked ?? null, 'us'),
        figure('a bound token, median', bound ?? null, 'ms'),
        figure('a bound token, p99', p99, 'ms', atMost(1.5)),
        figure('an access token over an API key', ratio(token ?? null, key ?? null), 'x'),
        figure('a bound token over an API key', ratio(bound === null || bound === undefined ? null : bound * 1_000, key ?? null), 'x'),
      ],
      notes: [
        `${BATCH} calls a round for what is answered from memory, ${BOUND_CALLS} one after the other for bound tokens`,
        'a bound call writes one row to a durable Postgres and waits for it; calls of one moment share that commit',
      ],
    };
  } finally {
    await identity.close();
    await database.close();
    await cluster.stop();
  }
}

function quantile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((one, two) => one - two);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
}

async function openSubject(identity: Identity): Promise<{ readonly key: string; token(keys: Keys | null): Promise<string> }> {
  const { tenant } = await identity.ensureDefaultTenant();
  const workload = await identity.createWorkload({ tenant, name: 'bench', workflow: null, integrations: ['model'] });
  const { key } = await identity.createKey({ tenant, workload, expiresAtMs: Date.now() + 3_600_000 });
  const own = newKeys();
  const { clientId } = await identity.oauth.addClient({ tenant, actor: 'bench', name: 'Bench', workload, jwks: own.jwk });
  return {
    key,
    token: async (keys) => {
      const claims = { iss: clientId, sub: clientId, aud: 'http://localhost:4810', iat: nowS(), exp: nowS() + 60, jti: jti() };
      const form = {
        grant_type: 'client_credentials',
        resource: RESOURCE,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: jws(own, {}, claims),
      };
      const presented = keys === null ? null : proof(keys, 'POST', TOKEN_URL, null);
      const answer = await identity.oauth.token({ params: new Map(Object.entries(form)), proof: presented }, 'bench');
      if (!('access_token' in answer)) throw new Error(`no token: ${JSON.stringify(answer)}`);
      return answer.access_token;
    },
  };
}
