// What the red team needs of this machine: a clock, a mark of the run, and the database as its administrator, where this is the machine it is on.

import { setTimeout as pause } from 'node:timers/promises';
import type { RedteamPorts } from '#redteam';
import type { ParsedOptions } from '../command-io.ts';
import { currentUser, foldersOf } from '../folders.ts';
import type { Config } from '../settings.ts';
import { systemClock, systemRandom } from '../world.ts';
import { openTamper } from './tamper.ts';

const MARK_BYTES = 5;

export async function redteam(
  parsed: ParsedOptions,
  configOf: (parsed: ParsedOptions) => Config,
): Promise<Pick<RedteamPorts, 'clock' | 'wait' | 'tamper' | 'mark'>> {
  // A server named by its address may be any: the database of this user’s installation is not known to be its.
  const isElsewhere = typeof parsed.options['--url'] === 'string';
  const config = isElsewhere ? null : configOf(parsed);
  return {
    clock: systemClock,
    wait: (ms) => pause(ms),
    tamper: config === null ? null : await openTamper(config, foldersOf(config, currentUser())),
    mark: Buffer.from(systemRandom.bytes(MARK_BYTES)).toString('hex'),
  };
}
