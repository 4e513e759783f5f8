// Which processes work in a data folder after a start that failed, a kill at any moment, an upgrade of the programs, and a stop.

import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ask, type PostgresHome, postgresHome, superviseElsewhere } from '@sallyport/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { packageName } from './binaries.ts';
import { processesIn } from './process-identity.ts';
import { readState, stateFile } from './state-file.ts';

let home: PostgresHome;
let made: PostgresHome;

beforeAll(async () => {
  made = await postgresHome('sallyport made ');
  await (await made.start()).stop();
});
beforeEach(async () => {
  home = await postgresHome('sallyport left ');
  home.copyFrom(made);
});
afterEach(() => home.close());
afterAll(() => made.close());

/** Programs that say they are of another version, and otherwise are the installed ones. */
function programsOf(version: string): (name: string) => string {
  const root = dirname(dirname(createRequire(import.meta.url).resolve(packageName(process))));
  const folder = join(home.path, 'programs');
  mkdirSync(join(folder, 'dist'), { recursive: true, mode: 0o755 });
  symlinkSync(join(root, 'native'), join(folder, 'native'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ version }));
  return () => join(folder, 'dist', 'index.js');
}

/** Of the processes that work in the data folder, those whose parent does not: each is the head of a server of its own. */
async function heads(): Promise<readonly number[]> {
  const all = await processesIn(home.dataDir);
  const parentOf = (pid: number): number => Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  return all.filter((pid) => !all.includes(parentOf(pid)));
}

describe.runIf(process.platform === 'linux')('no process is left', () => {
  test('by a stop, with connections open', async () => {
    const server = await home.start();
    expect(await heads()).toEqual([server.pid]);
    await ask(server.adminUrl, 'select 1');
    await server.stop();
    expect(await processesIn(home.dataDir)).toEqual([]);
  });

  test('by a start that failed after the server was running', async () => {
    const state = await readState(home.stateDir);
    writeFileSync(stateFile(home.stateDir), JSON.stringify({ ...state, adminPassword: 'of another folder entirely' }), { mode: 0o600 });
    await expect(home.start()).rejects.toMatchObject({ code: 'STORAGE_STATE_FILE_UNUSABLE' });
    expect(await processesIn(home.dataDir)).toEqual([]);
  });

  test.each(['spawned', 'ready'] as const)(
    'by a supervisor that is killed when the server is %s, but the one the next start takes over',
    async (moment) => {
      const child = superviseElsewhere(home.path);
      if (moment === 'ready') await child.next();
      else while (!existsSync(join(home.dataDir, 'postmaster.pid'))) await new Promise(setImmediate);
      await child.kill();
      const next = await home.start();
      expect(await heads()).toEqual([next.pid]);
      await next.stop();
      expect(await processesIn(home.dataDir)).toEqual([]);
    },
  );

  test('by a postmaster that was killed under its connections: the next start waits for them to end', async () => {
    const first = await home.start();
    process.kill(first.pid as number, 'SIGKILL');
    await first.stop();
    const next = await home.start();
    expect(await heads()).toEqual([next.pid]);
  });

  test('of the programs before an upgrade: a running server of another minor version is restarted, its data kept', async () => {
    const child = superviseElsewhere(home.path);
    const ready = await child.next();
    if (ready.kind !== 'ready') throw new Error(JSON.stringify(ready));
    await ask(ready.adminUrl, 'create table kept as select 1 as n');
    await child.kill();
    const said: string[] = [];
    const next = await home.start({ resolve: programsOf('18.99.0-beta.1'), log: (message) => said.push(message) });
    expect(said.join(' ')).toContain('not usable as it is; restarting it');
    expect(next.pid).not.toBe(ready.pid);
    expect(await ask(next.adminUrl, 'select n from kept')).toEqual([{ n: 1 }]);
    expect(await heads()).toEqual([next.pid]);
  });

  test('and the programs of another major version do not touch the data', async () => {
    await expect(home.start({ resolve: programsOf('19.0.0') })).rejects.toMatchObject({
      code: 'STORAGE_DATA_OTHER_VERSION',
      message: expect.stringContaining('data of 18, programs of 19'),
    });
    expect(await processesIn(home.dataDir)).toEqual([]);
  });
});
