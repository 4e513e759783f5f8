// What the supervisor needs of the machine it runs on, handed in by main. Node's `process` fits.

export interface Host {
  readonly platform: string;
  readonly arch: string;
  /** Absent where there are no numeric users. */
  getuid?(): number;
  /** Signal 0 only asks whether the process exists; throws when it does not or may not be signalled. */
  kill(pid: number, signal: string | number): boolean;
}

/** The account Postgres runs under. `null` ids: the account of this very process. */
export interface Account {
  readonly uid: number | null;
  readonly gid: number | null;
}

export const OWN_ACCOUNT: Account = Object.freeze({ uid: null, gid: null });

/** Options for `spawn`, which also drops every other group when the account changes. */
export function asAccount(account: Account): { uid?: number; gid?: number } {
  return account.uid === null || account.gid === null ? {} : { uid: account.uid, gid: account.gid };
}

/** A clean environment for the programs of Postgres: nothing of ours leaks in, messages stay English, times are UTC. */
export const PROGRAM_ENVIRONMENT: Readonly<Record<string, string>> = Object.freeze({ LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' });

export function isRunning(host: Host, pid: number): boolean {
  try {
    host.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, under another account.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
