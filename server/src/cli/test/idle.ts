// A terminal and a program in which nothing happens, for tests of commands: each says only what it looks at.

import type { Io, MainCommands } from '../command.ts';
import { EXIT } from '../exit-codes.ts';

export const idleIo = (own: Partial<Io> = {}): Io => ({
  out: () => {},
  err: () => {},
  write: async () => {},
  writeFile: async () => {},
  saveFile: async () => {},
  withTemporaryFile: async (_pieces, use) => use('file'),
  unreadable: (_path, cause) => cause as Error,
  readFile: async () => '',
  bytes: async function* () {},
  lines: async function* () {},
  readFolder: async () => ({}),
  openNames: async () => ({ read: async () => [], close: async () => {} }),
  ask: async () => null,
  ...own,
});

export const idleMain = (own: Pick<MainCommands, 'connect'> & Partial<MainCommands>): MainCommands => ({
  up: async () => EXIT.done,
  doctor: async () => EXIT.done,
  demoAttack: async () => EXIT.done,
  sweep: async () => EXIT.no,
  selfScan: async () => EXIT.no,
  backup: async () => 0,
  testWorkflow: async () => ({ workflow: 'x', hash: '', passed: 0, failed: 0, results: [] }),
  redteam: async () => ({ clock: { now: () => 0 }, wait: async () => {}, tamper: null, mark: '0' }),
  witness: async () => EXIT.done,
  keys: { recoveryKit: async () => 0 as const, recover: async () => 0 as const, seal: async () => 0 as const },
  seenLedgers: { load: async () => null, save: async () => {} },
  configOptions: [],
  ...own,
});
