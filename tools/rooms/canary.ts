// Builds a small tree of rooms in which every import rule is broken on purpose, and says which breach was not reported.
// INVARIANT: one plant per rule at least, and a clean tree beside them that must stay unreported.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inspectRooms } from './inspect.ts';
import { RULES } from './rules.ts';
import { SCAN_RULES } from './scan.ts';
import { CAPABILITIES, importable, ROOMS } from './table.ts';

export interface Plant {
  readonly rule: string;
  readonly path: string;
  readonly source: string;
}

/** One plant for each room that may not import something, aimed at the room just out of reach. */
function levelPlants(): Plant[] {
  return ROOMS.flatMap((room) => {
    const target = ROOMS.filter((other) => other.name !== room.name && !importable(room.name).includes(other.name))[0];
    if (target === undefined) return [];
    const source = `import { ${target.name} } from '#${target.name}';\nexport const planted = ${target.name};`;
    return [{ rule: `${room.name}-looks-down`, path: `server/src/${room.name}/planted-up.ts`, source }];
  });
}

/** The same breach in every form an import can take: each form has slipped past some tool once. */
const FORMS: readonly Plant[] = [
  {
    rule: 'dlp-looks-down',
    path: 'server/src/dlp/planted-type.ts',
    source: "import type { vault } from '#vault';\nexport type Planted = typeof vault;",
  },
  {
    rule: 'dlp-looks-down',
    path: 'server/src/dlp/planted-inline-type.ts',
    source: "import { type vault } from '#vault';\nexport type Planted = typeof vault;",
  },
  { rule: 'dlp-looks-down', path: 'server/src/dlp/planted-export.ts', source: "export { vault } from '#vault';" },
  { rule: 'dlp-looks-down', path: 'server/src/dlp/planted-export-type.ts', source: "export type { vault } from '#vault';" },
  { rule: 'dlp-looks-down', path: 'server/src/dlp/planted-export-all.ts', source: "export * from '#vault';" },
  {
    rule: 'dlp-looks-down',
    path: 'server/src/dlp/planted-relative.ts',
    source: "import { vault } from '../vault/index.ts';\nexport const planted = vault;",
  },
  {
    rule: 'dlp-looks-down',
    path: 'server/src/dlp/planted-dynamic.ts',
    source: "export const planted = async () => (await import('#vault')).vault;",
  },
  {
    rule: 'dlp-looks-down',
    path: 'server/src/dlp/planted-dynamic-template.ts',
    source: 'export const planted = async () => (await import(`#vault`)).vault;',
  },
  {
    rule: 'dlp-looks-down',
    path: 'server/src/dlp/planted.test.ts',
    source: "import { vault } from '#vault';\nexport const planted = vault;",
  },
  {
    rule: 'imports-in-plain-sight',
    path: 'server/src/dlp/planted-import-type.ts',
    source: "export const planted = (x: Set<import('#vault').V>) => x;",
  },
  {
    rule: 'control-looks-down',
    path: 'server/src/control/planted-denied.ts',
    source: "import { egress } from '#egress';\nexport const planted = egress;",
  },
];

const STRUCTURE: readonly Plant[] = [
  {
    rule: 'entry-joins-by-front-doors',
    path: 'server/src/entry.ts',
    source: "import { inner } from './core/inner.ts';\nimport { cli } from './cli/index.ts';\nexport const planted = [inner, cli];",
  },
  {
    rule: 'nothing-imports-the-entry',
    path: 'server/src/main/planted-entry.ts',
    source: "import { planted as entry } from '../entry.ts';\nexport const planted = entry;",
  },
  {
    rule: 'pure-rooms-touch-no-node',
    path: 'server/src/policy/planted-node.ts',
    source: "import { readFileSync } from 'node:fs';\nexport const planted = readFileSync;",
  },
  {
    rule: 'pure-rooms-touch-no-node',
    path: 'server/src/policy/planted-node-type.ts',
    source: "import type { Stats } from 'node:fs';\nexport type Planted = Stats;",
  },
  {
    rule: 'front-door-only',
    path: 'server/src/audit/planted-door.ts',
    source: "import { inner } from '../core/inner.ts';\nexport const planted = inner;",
  },
  {
    rule: 'front-door-only',
    path: 'server/src/audit/planted-door-type.ts',
    source: "import type { Inner } from '../core/inner.ts';\nexport type Planted = Inner;",
  },
  {
    rule: 'rooms-by-name',
    path: 'server/src/audit/planted-path.ts',
    source: "import { core } from '../core/index.ts';\nexport const planted = core;",
  },
  {
    rule: 'siblings-inside-a-room',
    path: 'server/src/audit/planted-self.ts',
    source: "import { audit } from '#audit';\nexport const planted = audit;",
  },
  {
    rule: 'front-door-for-outsiders',
    path: 'testkit/planted-door.ts',
    source: "import { inner } from '../server/src/core/inner.ts';\nexport const planted = inner;",
  },
  {
    rule: 'no-cycles',
    path: 'server/src/audit/planted-cycle-a.ts',
    source: "import { b } from './planted-cycle-b.ts';\nexport const a = b;",
  },
  {
    rule: 'no-cycles',
    path: 'server/src/audit/planted-type-cycle-a.ts',
    source: "import type { B } from './planted-type-cycle-b.ts';\nexport interface A { b: B }",
  },
  {
    rule: 'resolves',
    path: 'server/src/audit/planted-nowhere.ts',
    source: "import { nowhere } from '#nowhere';\nexport const planted = nowhere;",
  },
  {
    rule: 'declared-packages',
    path: 'server/src/audit/planted-package.ts',
    source: "import { test } from 'fast-check';\nexport const planted = test;",
  },
  {
    rule: 'demo-imports-no-room',
    path: 'demo/planted-room.ts',
    source: "import { core } from '../server/src/core/index.ts';\nexport const planted = core;",
  },
  {
    rule: 'demo-only-from-cli-and-main',
    path: 'server/src/audit/planted-demo.ts',
    source: "import { demo } from '@sallyport/demo';\nexport const planted = demo;",
  },
  {
    rule: 'testkit-only-from-tests',
    path: 'server/src/audit/planted-testkit.ts',
    source: "import { testkit } from '@sallyport/testkit';\nexport const planted = testkit;",
  },
  {
    rule: 'tests-are-leaves',
    path: 'server/src/audit/planted-leaf.ts',
    source: "import { clean } from './clean.test.ts';\nexport const planted = clean;",
  },
  {
    rule: 'console-knows-the-api-only',
    path: 'console/src/planted-server.ts',
    source: "import { core } from '../../server/src/core/index.ts';\nexport const planted = core;",
  },
  {
    rule: 'product-knows-no-tools',
    path: 'server/src/audit/planted-tools.ts',
    source: "import { tool } from '../../../tools/tool.ts';\nexport const planted = tool;",
  },
];

const capabilityPlants: readonly Plant[] = CAPABILITIES.flatMap((capability) => [
  { rule: capability.name, path: `server/src/limits/planted-${capability.name}.ts`, source: capability.plant },
]);

/** Storage owns a socket only to listen. */
const LISTENERS: readonly Plant[] = [
  {
    rule: 'listeners-never-call-out',
    path: 'server/src/storage/planted-connect.ts',
    source: "import { connect } from 'node:net';\nexport const planted = connect;",
  },
  {
    rule: 'listeners-never-call-out',
    path: 'server/src/gateway/planted-all.ts',
    source: "import * as http from 'node:http';\nexport const planted = http;",
  },
];

const scanPlants: readonly Plant[] = SCAN_RULES.map((rule) => ({ rule: rule.name, ...rule.plant }));

export const PLANTS: readonly Plant[] = [...levelPlants(), ...FORMS, ...STRUCTURE, ...capabilityPlants, ...LISTENERS, ...scanPlants];

/** The other halves of planted cycles: a cycle is reported once, at its first file. */
const COMPANIONS: Readonly<Record<string, string>> = {
  'server/src/audit/planted-cycle-b.ts': "import type { a } from './planted-cycle-a.ts';\nexport const b = 1 as unknown as typeof a;",
  'server/src/audit/planted-type-cycle-b.ts': "import type { A } from './planted-type-cycle-a.ts';\nexport interface B { a: A }",
};

/** What the rules must let pass. */
const CLEAN: Readonly<Record<string, string>> = {
  'server/src/core/inner.ts': 'export const inner = 1;\nexport type Inner = number;',
  'server/src/limits/clean.ts':
    "import { core } from '#core';\nimport type { storage } from '#storage';\nexport const clean = core as unknown as typeof storage;",
  'server/src/limits/store/clean.ts':
    "import { sql } from '#storage';\nimport { Kysely } from 'kysely';\nexport const clean = [sql, Kysely];",
  'server/src/egress/clean.ts':
    "import { request } from 'node:http';\nimport { Pool } from 'undici';\nexport const clean = [request, Pool];",
  'server/src/gateway/clean.ts':
    "import { createServer, type IncomingMessage } from 'node:http';\nexport const clean = (x: IncomingMessage) => [x, createServer];",
  'server/src/vault/clean.ts': "import { createHmac } from 'node:crypto';\nexport const clean = createHmac;",
  'server/src/audit/clean.test.ts':
    "import { testkit } from '@sallyport/testkit';\nimport { readFileSync } from 'node:fs';\nexport const clean = [testkit, readFileSync, Date.now()];",
  'server/src/policy/clean.ts':
    "import type { AuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs';\nexport type Clean = AuthorizationCall;",
  'server/src/main/clean.ts':
    "import { demo } from '@sallyport/demo';\nimport { vault } from '#vault';\nexport const clean = [demo, vault, Date.now()];",
};

function buildTree(root: string, serverPackage: string): void {
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  };
  write('package.json', '{ "name": "canary", "private": true, "type": "module" }');
  write('server/package.json', serverPackage);
  for (const name of ['demo', 'testkit']) {
    write(`${name}/package.json`, `{ "name": "@sallyport/${name}", "type": "module", "exports": { ".": "./index.ts" } }`);
    write(`${name}/index.ts`, `export const ${name} = 1;`);
    mkdirSync(join(root, 'node_modules/@sallyport'), { recursive: true });
    symlinkSync(join(root, name), join(root, 'node_modules/@sallyport', name), 'junction');
  }
  write('tools/tool.ts', 'export const tool = 1;');
  for (const room of ROOMS) write(`server/src/${room.name}/index.ts`, `export const ${room.name} = 1;`);
  write('server/src/storage/index.ts', 'export const storage = 1;\nexport const sql = 1;');
  for (const [path, text] of Object.entries({ ...COMPANIONS, ...CLEAN })) write(path, text);
  for (const plant of PLANTS) write(plant.path, plant.source);
}

/** Faults of the rules themselves: plants nobody reported, rules without a plant, clean files that were reported. */
export async function runCanary(stateFolder: string, serverPackage: string): Promise<readonly string[]> {
  mkdirSync(stateFolder, { recursive: true });
  const root = mkdtempSync(join(stateFolder, 'rooms-canary-'));
  try {
    buildTree(root, serverPackage);
    const { breaches } = await inspectRooms(root);
    const planted = new Set(PLANTS.map((plant) => plant.rule));
    const missed = PLANTS.filter((plant) => !breaches.some((breach) => breach.rule === plant.rule && breach.path === plant.path));
    return [
      ...missed.map((plant) => `the planted breach of ${plant.rule} in ${plant.path} was not reported`),
      ...RULES.filter((rule) => !planted.has(rule.name ?? '')).map((rule) => `the rule ${rule.name} has no planted breach`),
      ...breaches
        .filter((breach) => CLEAN[breach.path] !== undefined)
        .map((breach) => `${breach.path} is clean but ${breach.rule} reported it: ${breach.message}`),
    ];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
