// CPU time a process has used, from /proc. Linux only; elsewhere the figure is missing, not guessed.

import { readFileSync } from 'node:fs';

/** Linux reports ticks of 10 ms to user space on every architecture. */
const US_PER_TICK = 10_000;

/** utime + stime of one `/proc/<pid>/stat` line, in microseconds. The command name may hold spaces and brackets. */
export function cpuUsOfStat(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  if (!Number.isFinite(ticks)) throw new Error('not a /proc/<pid>/stat line');
  return ticks * US_PER_TICK;
}

/** CPU of these processes together, or null where /proc can not tell. */
export function cpuUs(pids: readonly number[]): number | null {
  try {
    return pids.reduce((sum, pid) => sum + cpuUsOfStat(readFileSync(`/proc/${pid}/stat`, 'utf8')), 0);
  } catch {
    return null;
  }
}

/** A process and everything it has started. */
export function familyOf(pid: number): readonly number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return [pid, ...(children === '' ? [] : children.split(' ').map(Number).flatMap(familyOf))];
  } catch {
    return [pid];
  }
}
