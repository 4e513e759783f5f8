// In a container root may not look into the processes of other accounts: what is asked about the database's processes is answered all the same.

import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRoot } from '@sallyport/testkit';
import { expect, test } from 'vitest';

/** Any account that is not root. */
const OTHER = 65_534;
const ASK = `import { isPostmasterOf, processesIn } from ${JSON.stringify(join(import.meta.dirname, 'process-identity.ts'))};
const [pid, folder] = [Number(process.argv[1]), process.argv[2]];
console.log(JSON.stringify([await isPostmasterOf(process, pid, folder), await processesIn(folder), await isPostmasterOf(process, pid, '/')]));`;

function canDropRights(): boolean {
  if (!isRoot) return false;
  try {
    execFileSync('setpriv', ['--bounding-set=-sys_ptrace', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test('a process of the database is known by its folder without the right to look into other accounts', async () => {
  if (!canDropRights()) return console.log('not tried: needs root and the program setpriv');
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sallyport container ')));
  chmodSync(folder, 0o755);
  const server = spawn('sleep', ['60'], { argv0: 'postgres', cwd: folder, uid: OTHER, gid: OTHER, stdio: 'ignore' });
  try {
    const pid = String(server.pid);
    const args = ['--bounding-set=-sys_ptrace', process.execPath, '--input-type=module', '-e', ASK, pid, folder];
    const said = execFileSync('setpriv', args, { encoding: 'utf8' });
    expect(JSON.parse(said)).toEqual([true, [server.pid], false]);
  } finally {
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});
