// Rows of challenges and attempts, over all tenants: kept by hash, taken once, counted in one statement.

import { type Database, query, sql } from '#storage';

export interface ChallengeRow {
  readonly hash: Buffer;
  readonly purpose: string;
  readonly bound: string;
}

export async function addChallenge(db: Database, { hash, purpose, bound }: ChallengeRow, expiresAt: Date): Promise<void> {
  await db.asSystem('authenticator', (tx) =>
    sql`insert into identity_challenges (hash, purpose, bound, expires_at) values (${hash}, ${purpose}, ${bound}, ${expiresAt})`.execute(
      query(tx),
    ),
  );
}

/** True for the one caller that takes it while it is good, for what and whom it was made. */
export async function takeChallenge(db: Database, { hash, purpose, bound }: ChallengeRow, now: Date): Promise<boolean> {
  const { rows } = await db.asSystem('authenticator', (tx) =>
    sql`delete from identity_challenges where hash = ${hash} and purpose = ${purpose} and bound = ${bound} and expires_at > ${now}
      returning hash`.execute(query(tx)),
  );
  return rows.length === 1;
}

/** Counts one more try of a bucket, or begins its next window; how many there are now, and when the window ends. */
export async function countAttempt(
  db: Database,
  bucket: Buffer,
  { now, expiresAt, by }: { readonly now: Date; readonly expiresAt: Date; readonly by: 0 | 1 },
): Promise<{ readonly count: number; readonly expiresAt: Date }> {
  const { rows } = await db.asSystem('authenticator', (tx) =>
    sql<{ count: number; expires_at: Date }>`
      insert into identity_attempts as known (bucket, count, expires_at) values (${bucket}, ${by}, ${expiresAt})
      on conflict (bucket) do update set
        count = case when known.expires_at <= ${now} then ${by} else known.count + ${by} end,
        expires_at = case when known.expires_at <= ${now} then ${expiresAt} else known.expires_at end
      returning count, expires_at`.execute(query(tx)),
  );
  const [row] = rows;
  return { count: row?.count ?? 0, expiresAt: row?.expires_at ?? expiresAt };
}

export async function sweepSignIns(db: Database, now: Date): Promise<number> {
  return db.asSystem('authenticator', async (tx) => {
    const challenges = await sql`delete from identity_challenges where expires_at <= ${now} returning 1`.execute(query(tx));
    const attempts = await sql`delete from identity_attempts where expires_at <= ${now} returning 1`.execute(query(tx));
    return challenges.rows.length + attempts.rows.length;
  });
}
