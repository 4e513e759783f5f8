// How long somebody is still let in after their access was taken away: four servers over one database, asked without pause with the key or
// the session that one of them revokes, by the API or because a company's directory (SCIM) switches the person off; and one more time with the line to the database cut at a server that does not revoke.
// Counted by what the callers were answered.

import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { startTestCluster } from '../../testkit/cluster.ts';
import { openReplicas, type Replica } from '../../testkit/crash/replicas.ts';
import type { ChaosOptions, ChaosReport, ChaosResult } from './scenario.ts';

export const name = 'revocation';

/** Where every change of who may come in is told. */
const CHANNEL = 'sallyport_identity';
const REPLICAS = 4;
const DEFAULT_TRIALS = 100;
/** A caller stops once it was refused so often in a row. */
const REFUSALS = 20;
const WITHIN_MS = 100;
const WITHIN_CUT_MS = 2_000;
/** A cut line is asked so often, whether or not the one before was answered, and mended after this time. */
const ASK_EVERY_MS = 25;
const CUT_MS = 4_000;
/** One trial with a cut line to so many without. */
const CUT_ONE_IN = 5;
const PATIENCE_MS = 20_000;

/** Something that lets its holder in, and how it is taken away at one server. */
interface Access {
  /** What is taken away: the key, or the person. */
  readonly id: string;
  ask(replica: Replica): Promise<Answer>;
  revoke(replica: Replica): Promise<void>;
}

/** `failed` says nothing of who may come in: no answer, or a server that can not do its work. */
type Answer = 'in' | 'refused' | 'failed';

interface Seen {
  /** From the commit of the revocation to the start of the last call that was let in; 0 when none was. */
  readonly lateMs: number;
  /** Calls let in after a refusal. */
  readonly readmitted: number;
}

async function makeKey({ owner }: Replica, nth: number): Promise<Access> {
  const workload = await owner('POST', '/api/workloads', { name: `robot-${nth}`, workflow: null, integrations: [], publicKey: null });
  const made = await owner('POST', '/api/keys', { workload: workload.body.id });
  if (made.status !== 200) throw new Error(`no key was made: ${JSON.stringify(made.body)}`);
  return {
    id: String(made.body.id),
    ask: async ({ gatewayUrl }) => answerOf(`${gatewayUrl}/v1/models`, String(made.body.key)),
    revoke: (at) => mustRevoke(at, `/api/keys/${String(made.body.id)}`),
  };
}

/** Session of whoever opens the link. */
async function openLink({ controlUrl }: Replica, link: unknown): Promise<(replica: Replica) => Promise<Answer>> {
  const secret = new URL(String(link)).hash.slice(1);
  const opened = await fetch(`${controlUrl}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ secret, as: 'token' }),
  });
  const { token } = (await opened.json()) as { token: string };
  return ({ controlUrl: at }) => answerOf(`${at}/api/session`, token);
}

async function makePerson(replica: Replica, nth: number): Promise<Access> {
  const added = await replica.owner('POST', '/api/people', { name: `Person ${nth}` });
  return {
    id: String(added.body.id),
    ask: await openLink(replica, added.body.link),
    revoke: (at) => mustRevoke(at, `/api/people/${String(added.body.id)}`),
  };
}

const SCIM = { core: 'urn:ietf:params:scim:schemas:core:2.0:User', patch: 'urn:ietf:params:scim:api:messages:2.0:PatchOp' };

/** Somebody whom the company's directory made and switches off (RFC 7644, 3.5.2). */
async function makeProvisioned(replica: Replica, nth: number): Promise<Access> {
  const token = String((await replica.owner('POST', '/api/scim/token', {})).body.token);
  const scim = async ({ controlUrl }: Replica, method: string, path: string, body: object): Promise<Record<string, unknown>> => {
    const response = await fetch(`${controlUrl}/scim/v2${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`provisioning failed: ${response.status} ${await response.text()}`);
    return (await response.json()) as Record<string, unknown>;
  };
  const user = { schemas: [SCIM.core], userName: `person-${nth}@example.com`, displayName: `Person ${nth}`, active: true };
  const id = String((await scim(replica, 'POST', '/Users', user)).id);
  const off = { schemas: [SCIM.patch], Operations: [{ op: 'Replace', path: 'active', value: false }] };
  return {
    id,
    ask: await openLink(replica, (await replica.owner('POST', `/api/people/${id}/link`, {})).body.link),
    revoke: async (at) => {
      await scim(at, 'PATCH', `/Users/${id}`, off);
      await replica.owner('DELETE', '/api/scim');
    },
  };
}

const KINDS = [makeKey, makePerson, makeProvisioned] as const;
const makeAccess = (replica: Replica, nth: number): Promise<Access> => (KINDS[nth % KINDS.length] as (typeof KINDS)[number])(replica, nth);

async function mustRevoke({ owner }: Replica, path: string): Promise<void> {
  const { status, body } = await owner('DELETE', path);
  if (status !== 200) throw new Error(`nothing was revoked: ${status} ${JSON.stringify(body)}`);
}

async function answerOf(url: string, token: string): Promise<Answer> {
  try {
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    await response.arrayBuffer();
    if (response.ok) return 'in';
    return response.status === 401 || response.status === 403 ? 'refused' : 'failed';
  } catch {
    return 'failed';
  }
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const endsAt = performance.now() + PATIENCE_MS;
  while (!(await isTrue())) if (performance.now() > endsAt) throw new Error('nobody was let in, though nothing was taken away yet');
}

interface Sample {
  readonly startedAt: number;
  readonly answer: Answer;
}

/** Asks without pause until it was refused often enough in a row after the revocation. */
async function watch(access: Access, replica: Replica, isRevoked: () => boolean): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const endsAt = performance.now() + 4 * PATIENCE_MS;
  for (let refused = 0; refused < REFUSALS; ) {
    const startedAt = performance.now();
    const answer = await access.ask(replica);
    samples.push({ startedAt, answer });
    refused = answer !== 'refused' || !isRevoked() ? 0 : refused + 1;
    if (startedAt > endsAt) throw new Error('still let in');
  }
  return samples;
}

function seenOf(samples: readonly Sample[], revokedAt: number): Seen {
  const after = samples.filter(({ startedAt }) => startedAt >= revokedAt);
  const firstRefusal = after.findIndex(({ answer }) => answer === 'refused');
  const last = after.findLast(({ answer }) => answer === 'in');
  return {
    lateMs: last === undefined ? 0 : last.startedAt - revokedAt,
    readmitted: firstRefusal === -1 ? 0 : after.slice(firstRefusal).filter(({ answer }) => answer === 'in').length,
  };
}

interface Trial {
  readonly at: number;
  /** The moment somebody who listens at the database itself hears that this is gone. */
  readonly hearCommit: (id: string) => Promise<number>;
}

async function trial(replicas: readonly Replica[], access: Access, { at, hearCommit }: Trial): Promise<readonly Seen[]> {
  const revoking = replicas[at] as Replica;
  await Promise.all(replicas.map((replica) => until(async () => (await access.ask(replica)) === 'in')));
  let isRevoked = false;
  const watching = replicas.map((replica) => watch(access, replica, () => isRevoked));
  const heard = hearCommit(access.id);
  await access.revoke(revoking);
  const revokedAt = await heard;
  isRevoked = true;
  const samples = await Promise.all(watching);
  return samples.map((each) => seenOf(each, revokedAt));
}

/** The server next to the revoking one is silent or gone for its callers' sake: it can not hear that somebody is out. */
async function cutTrial(replicas: readonly Replica[], access: Access, trial: Trial & { how: 'freeze' | 'sever' }): Promise<Seen> {
  const cut = replicas[(trial.at + 1) % replicas.length] as Replica;
  await Promise.all(replicas.map((replica) => until(async () => (await access.ask(replica)) === 'in')));
  const heard = trial.hearCommit(access.id);
  cut.line[trial.how]();
  await access.revoke(replicas[trial.at] as Replica);
  const revokedAt = await heard;
  const asked: Promise<Sample>[] = [];
  while (performance.now() - revokedAt < CUT_MS) {
    const startedAt = performance.now();
    asked.push(access.ask(cut).then((answer) => ({ startedAt, answer })));
    await pause(ASK_EVERY_MS);
  }
  cut.line.mend();
  const after = await watch(access, cut, () => true);
  const seen = seenOf([...(await Promise.all(asked)), ...after], revokedAt);
  if (!cut.isRunning()) throw new Error('a server ended because its line to the database was cut');
  await until(async () => (await cut.owner('GET', '/api/session')).status === 200);
  return seen;
}

async function listen(url: string): Promise<{ hearCommit: (id: string) => Promise<number>; stop: () => Promise<void> }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`listen ${CHANNEL}`);
  const hearCommit = (id: string): Promise<number> =>
    new Promise((resolve) => {
      const hear = ({ payload = '' }: pg.Notification): void => {
        if (!/ -[a-z]+ /.test(payload) || !payload.endsWith(id)) return;
        client.off('notification', hear);
        resolve(performance.now());
      };
      client.on('notification', hear);
    });
  return { hearCommit, stop: () => client.end() };
}

export async function run({ trials, log }: ChaosOptions): Promise<ChaosReport> {
  const wanted = trials ?? DEFAULT_TRIALS;
  const cluster = await startTestCluster();
  const seen: Seen[] = [];
  const seenCut: Seen[] = [];
  try {
    const replicas = await openReplicas(cluster, REPLICAS);
    const ear = await listen(replicas.databaseUrl);
    try {
      for (let nth = 0; nth < wanted; nth += 1) {
        const at = nth % REPLICAS;
        const access = await makeAccess(replicas.all[at] as Replica, nth);
        seen.push(...(await trial(replicas.all, access, { at, hearCommit: ear.hearCommit })));
        if (nth % CUT_ONE_IN === CUT_ONE_IN - 1) {
          const other = await makeAccess(replicas.all[at] as Replica, wanted + nth);
          const how = (nth / CUT_ONE_IN) % 2 < 1 ? 'freeze' : 'sever';
          seenCut.push(await cutTrial(replicas.all, other, { at, hearCommit: ear.hearCommit, how }));
        }
        if (nth % 10 === 9) log(`${nth + 1} of ${wanted}`);
      }
    } finally {
      await ear.stop();
      await replicas.close();
    }
  } finally {
    await cluster.stop();
  }
  const readmitted = [...seen, ...seenCut].reduce((sum, one) => sum + one.readmitted, 0);
  const results: ChaosResult[] = [
    late('p50', percentile(seen, 0.5), null),
    late('p99', percentile(seen, 0.99), WITHIN_MS),
    late(`with the line of a server cut, worst of ${seenCut.length}`, percentile(seenCut, 1), WITHIN_CUT_MS),
    { metric: 'let in again after a refusal', value: readmitted, unit: 'calls', target: 0, pass: readmitted === 0 },
  ];
  return { rounds: wanted, results };
}

function percentile(seen: readonly Seen[], share: number): number {
  const sorted = seen.map(({ lateMs }) => lateMs).toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

const late = (metric: string, ms: number, most: number | null): ChaosResult => ({
  metric: `last call let in, ${metric}`,
  value: Math.round(ms * 10) / 10,
  unit: 'ms',
  target: most === null ? null : `<= ${most}`,
  pass: most === null ? null : ms <= most,
});
