// Which version of a workflow may start: a statement signed at each publication and retirement, numbered, whose highest number is also kept
// outside the database. INVARIANT: an older version put back in the database, with its own true statement too, does not start.

import { canonicalJson, type Refusal, refuse, type TenantId, type Tx } from '#core';
import type { RegistryDeps } from './ports.ts';
import { readPublication, savePublication } from './store/publications.ts';

type Deps = Pick<RegistryDeps, 'signer' | 'heights' | 'clock'>;

interface Publication {
  readonly tenant: TenantId;
  readonly name: string;
  /** `null`: none runs. */
  readonly hash: string | null;
  readonly sequence: number;
  readonly by: string;
  readonly atMs: number;
}

const statementOf = ({ tenant, name, hash, sequence, by, atMs }: Publication): string =>
  `sallyport workflow publication v1\n${canonicalJson({ tenant, name, hash, sequence, by, atMs })}`;
const placeOf = (tenant: TenantId, name: string): string => `${tenant}/${name}`;

/** Signs the next one. The returned function is for after the commit: a height that no row reaches would stop the workflow. */
export async function publishHash(
  deps: Deps,
  tx: Tx,
  published: { readonly tenant: TenantId; readonly name: string; readonly hash: string | null; readonly by: string },
): Promise<() => void> {
  const { tenant, name } = published;
  const place = placeOf(tenant, name);
  const before = (await readPublication(tx, tenant, name, 'hold'))?.sequence ?? 0;
  // Above both, so that a workflow goes on after its database was restored from a copy.
  const sequence = Math.max(before, deps.heights.highest(place)) + 1;
  const publication = { ...published, sequence, atMs: deps.clock.now() };
  await savePublication(tx, tenant, name, { ...publication, signature: deps.signer.sign(statementOf(publication)) });
  return () => deps.heights.raise(place, sequence);
}

/** Null when exactly this version was published last. */
export async function checkPublished(deps: Deps, tx: Tx, tenant: TenantId, name: string, hash: string): Promise<Refusal | null> {
  const invalid = refuse('WORKFLOWS_PUBLICATION_INVALID', 'This is not the version that was published last.', { workflow: name, hash });
  const row = await readPublication(tx, tenant, name);
  if (row === null || row.hash !== hash || row.by === null || row.atMs === null || row.signature === null) return invalid;
  const { sequence, by, atMs, signature } = row;
  const place = placeOf(tenant, name);
  const highest = deps.heights.highest(place);
  if (sequence < highest || !deps.signer.verify(statementOf({ tenant, name, hash, sequence, by, atMs }), signature)) return invalid;
  // Published by another process: this one has now seen it as well.
  if (sequence > highest) deps.heights.raise(place, sequence);
  return null;
}
