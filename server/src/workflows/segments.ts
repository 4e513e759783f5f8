// The segments of workflows as every process knows them: which version is published is followed by notification, and what a version may
// reach is computed once from its stored bytes, after their hash and signature were checked.
// INVARIANT: without a feed for too long, or without a valid signature, nothing may be reached.

import { type Clock, isRefusal, type Refusal, refuse, SallyportError, type Segment, type TenantId } from '#core';
import { type Database, follow } from '#storage';
import { isApproved, notSigned } from './approval.ts';
import type { RegistryDeps } from './ports.ts';
import { segmentOf } from './segment.ts';
import { readPublished, SEGMENTS_CHANNEL } from './store/segments.ts';
import { findVersion } from './store/versions.ts';
import { readVersion } from './verify-version.ts';

export interface Segments {
  /**
   * What calls of the workflow may reach: under this version, or under the published one for `null`.
   * `null`: no version of that name was ever published here, so there is no graph to derive anything from.
   */
  of(tenant: TenantId, workflow: string, version: string | null): Promise<Segment | Refusal | null>;
  close(): Promise<void>;
}

export interface SegmentsDeps extends Pick<RegistryDeps, 'digest' | 'signer' | 'signatures'> {
  readonly database: Pick<Database, 'inTenant' | 'asSystem' | 'listen'>;
  readonly clock: Clock;
  readonly onFault: (fault: unknown) => void;
}

/** As long as the list of integrations may be without its feed. */
const FEED_GRACE_MS = 5_000;
const MAX_SEGMENTS = 1_000;
const MAY_REACH = new Set(['published', 'retired']);

export async function openSegments(deps: SegmentsDeps): Promise<Segments> {
  const { database, clock } = deps;
  let published: ReadonlyMap<string, string | null> = new Map();
  /** By content: a hash never means anything else. */
  const known = new Map<string, Segment>();
  const keyOf = (tenant: TenantId, name: string): string => `${tenant}/${name}`;

  const reload = async (): Promise<void> => {
    const rows = await database.asSystem('authenticator', readPublished);
    published = new Map(rows.map((row) => [keyOf(row.tenant, row.name), row.hash]));
  };
  const feed = await follow({ db: database, clock, channel: SEGMENTS_CHANNEL, hear: reload, reload, onFault: deps.onFault });

  async function load(tenant: TenantId, workflow: string, version: string): Promise<Segment | Refusal> {
    const found = await database.inTenant(tenant, async (tx) => {
      const row = await findVersion(tx, tenant, workflow, version);
      if (row === null || !MAY_REACH.has(row.state)) return notApproved(workflow, version);
      if (!(await isApproved(deps, tx, tenant, row))) return notSigned(workflow, version);
      return readVersion(deps, tx, tenant, workflow, version);
    });
    if (isRefusal(found)) return found;
    const segment = segmentOf(found, version);
    if (known.size >= MAX_SEGMENTS) known.delete(known.keys().next().value as string);
    known.set(`${keyOf(tenant, workflow)}/${version}`, segment);
    return segment;
  }

  return {
    async of(tenant, workflow, version) {
      const { lostAtMs } = feed;
      if (lostAtMs !== null && clock.now() - lostAtMs > FEED_GRACE_MS) {
        throw new SallyportError('ENFORCEMENT_STAGE_UNAVAILABLE', 'The list of published workflows lost its feed; check the database.', {
          retryable: true,
        });
      }
      const current = published.get(keyOf(tenant, workflow));
      if (current === undefined && version === null) return null;
      const wanted = version ?? current ?? null;
      if (wanted === null) {
        return refuse('WORKFLOWS_NOT_PUBLISHED', 'No version of the workflow this key is for is published now.', { workflow });
      }
      return known.get(`${keyOf(tenant, workflow)}/${wanted}`) ?? load(tenant, workflow, wanted);
    },
    close: () => feed.close(),
  };
}

const notApproved = (workflow: string, hash: string): Refusal =>
  refuse('WORKFLOWS_HASH_NOT_APPROVED', 'The version these calls are made for is not a published one.', { workflow, hash });
