// The one table of rooms: which level each stands on, what it is denied beyond its level, and who owns which capability.
// Rules, canary and the room gates are generated from it; no rule about a room is written anywhere else.

export interface Room {
  readonly name: string;
  readonly level: number;
  /** Lower rooms it may not import all the same. */
  readonly denied: readonly string[];
  /** Pure: no `node:`, no I/O, no clock. */
  readonly isPure: boolean;
}

const room = (level: number, name: string, options: Partial<Room> = {}): Room => ({
  name,
  level,
  denied: [],
  isPure: level <= 1,
  ...options,
});

export const ROOMS: readonly Room[] = [
  room(0, 'core'),
  room(1, 'dlp'),
  room(1, 'guardrails'),
  room(1, 'policy'),
  room(1, 'connectors'),
  room(2, 'storage'),
  room(2, 'egress'),
  room(3, 'audit'),
  room(3, 'vault'),
  room(3, 'identity'),
  room(3, 'limits'),
  room(3, 'approvals'),
  room(4, 'enforcement'),
  room(5, 'workflows'),
  room(5, 'gateway'),
  room(5, 'monitoring'),
  room(5, 'governance'),
  room(5, 'redteam'),
  room(6, 'control', { denied: ['storage', 'egress'] }),
  room(7, 'cli'),
  room(7, 'main'),
];

/** The rooms `name` may import: every lower level minus the denials. */
export function importable(name: string): readonly string[] {
  const own = ROOMS.find((room) => room.name === name);
  if (own === undefined) throw new Error(`${name} is not in the table of rooms`);
  return ROOMS.filter((other) => other.level < own.level && !own.denied.includes(other.name)).map((other) => other.name);
}

export interface Capability {
  /** Name of the generated rule. */
  readonly name: string;
  readonly sentence: string;
  /** Regular expressions over the resolved module: a path in node_modules, or a built-in without `node:`. */
  readonly modules: readonly string[];
  readonly isBuiltIn: boolean;
  /** Folders of `server/src/` (regular expressions) whose files may import it. */
  readonly owners: readonly string[];
  /** Type-only imports are harmless for this one. */
  readonly allowsTypes?: true;
  /** The import the canary plants. */
  readonly plant: string;
}

const packages = (...names: readonly string[]): readonly string[] =>
  names.flatMap((name) => [`(^|/)node_modules/${name}(/|$)`, `^${name}(/|$)`]);
const builtIns = (...names: readonly string[]): readonly string[] => names.map((name) => `^(node:)?${name}(/promises)?$`);

export const CAPABILITIES: readonly Capability[] = [
  {
    name: 'sql-only-in-stores',
    sentence: 'SQL is written in storage and in a room’s own store folder, so that every query is found in one kind of place.',
    modules: packages('kysely', 'pg', 'pg-[a-z-]+', 'postgres'),
    isBuiltIn: false,
    owners: ['storage/', '[^/]+/store/'],
    plant: "import { Pool } from 'pg';\nexport const planted = Pool;",
  },
  {
    name: 'workflow-engine-only-in-workflows',
    sentence: 'The workflow engine is known to the workflows room alone, so that it can be replaced there.',
    modules: packages('@dbos-inc/[a-z-]+'),
    isBuiltIn: false,
    owners: ['workflows/'],
    plant: "import { DBOS } from '@dbos-inc/dbos-sdk';\nexport const planted = DBOS;",
  },
  {
    name: 'network-clients-only-in-egress',
    sentence: 'Outbound network leaves through egress, which checks host, address and limits; nobody else can open a connection.',
    modules: packages('undici', 'ws', 'axios', 'got', 'node-fetch', 'openai'),
    isBuiltIn: false,
    owners: ['egress/'],
    plant: "import { Pool } from 'undici';\nexport const planted = Pool;",
  },
  {
    name: 'sockets-only-in-egress',
    sentence: 'Sockets and name look-ups belong to egress; storage and main may only listen, to find out whether a port is free.',
    modules: builtIns('net', 'tls', 'dns', 'dgram', 'http2', 'quic'),
    isBuiltIn: true,
    owners: ['egress/', 'storage/', 'main/'],
    allowsTypes: true,
    plant: "import { connect } from 'node:net';\nexport const planted = connect;",
  },
  {
    name: 'http-only-in-egress-and-listeners',
    sentence:
      'Only egress speaks HTTP outwards, and only gateway, control and the witness, a program of its own, listen; listeners import the server half alone.',
    modules: builtIns('http', 'https'),
    isBuiltIn: true,
    owners: ['egress/', 'gateway/', 'control/', 'audit/witness/'],
    allowsTypes: true,
    plant: "import { request } from 'node:https';\nexport const planted = request;",
  },
  {
    name: 'web-framework-only-in-control',
    sentence: 'The web framework serves the control plane; the data plane is plain node:http.',
    modules: packages('fastify', '@fastify/[a-z-]+'),
    isBuiltIn: false,
    owners: ['control/'],
    plant: "import { fastify } from 'fastify';\nexport const planted = fastify;",
  },
  {
    name: 'keyed-crypto-only-with-its-owners',
    sentence:
      'Key material lives in vault, audit, identity and approvals; storage and main only hash, and everybody else is handed a Digest.',
    modules: [...builtIns('crypto'), ...packages('jose')],
    isBuiltIn: true,
    owners: ['vault/', 'audit/', 'identity/', 'approvals/', 'storage/', 'main/'],
    plant: "import { createHmac } from 'node:crypto';\nexport const planted = createHmac;",
  },
  {
    name: 'other-programs-only-from-storage-and-main',
    sentence: 'Only the Postgres supervisor in storage and main start other programs: a child process is a way around every other rule.',
    modules: builtIns('child_process', 'cluster'),
    isBuiltIn: true,
    owners: ['storage/', 'main/'],
    plant: "import { spawn } from 'node:child_process';\nexport const planted = spawn;",
  },
  {
    name: 'loaders-only-in-main',
    sentence: 'Loading, evaluating and debugging code at run time can reach any module, so only main may.',
    modules: builtIns('vm', 'worker_threads', 'inspector', 'repl', 'wasi'),
    isBuiltIn: true,
    owners: ['main/'],
    plant: "import { runInThisContext } from 'node:vm';\nexport const planted = runInThisContext;",
  },
  {
    name: 'package-lookup-only-in-main-and-storage',
    sentence: 'Looking packages up by name goes past the import rules; main needs it to start, storage to find the Postgres binaries.',
    modules: builtIns('module'),
    isBuiltIn: true,
    owners: ['main/', 'storage/'],
    plant: "import { createRequire } from 'node:module';\nexport const planted = createRequire;",
  },
  {
    name: 'process-only-in-main-and-cli',
    sentence:
      'Arguments, environment, exit and signals belong to main, cli, the entry that joins them, and the offline verifier, which is a program of its own.',
    modules: builtIns('process'),
    isBuiltIn: true,
    owners: ['main/', 'cli/', 'audit/verifier/', 'entry\\.ts$'],
    plant: "import { env } from 'node:process';\nexport const planted = env;",
  },
  {
    name: 'policy-engine-handed-in-by-main',
    sentence: 'The policy engine reads its wasm file when imported, so main loads it and hands it to policy, which stays pure.',
    modules: packages('@cedar-policy/[a-z-]+'),
    isBuiltIn: false,
    owners: ['main/'],
    allowsTypes: true,
    plant: "import { isAuthorized } from '@cedar-policy/cedar-wasm/nodejs';\nexport const planted = isAuthorized;",
  },
];
