// `sallyport secrets sweep`, for people and programs: what was looked at, what lay where it may, and what did not. Prints names of values, never values.

import type { CommandIo, ParsedOptions } from '../command-io.ts';
import { type SweepReport, sweep } from './sweep.ts';

export async function runSweep(parsed: ParsedOptions, io: CommandIo): Promise<0 | 1> {
  const report = await sweep({ progress: (line) => io.err(line) });
  if (parsed.options['--json'] === true) io.out(JSON.stringify(report, null, 2));
  else print(report, io);
  return report.ok ? 0 : 1;
}

const size = (bytes: number): string => (bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${Math.round(bytes / 1024 / 1024)} MiB`);

function print(report: SweepReport, io: CommandIo): void {
  io.out(`Looked for ${report.values} invented values in ${report.forms} spellings and encodings:`);
  for (const { place, pieces, bytes } of report.searched) io.out(`  ${place}: ${pieces} pieces, ${size(bytes)}`);
  io.out('Where they may be:');
  for (const { place, why, values } of report.allowed) io.out(`  ${place}: ${values.join(', ')} (${why})`);
  for (const place of report.unread) io.out(`NOT SEARCHED  ${place}`);
  for (const value of report.blind) io.out(`NOT FINDABLE  ${value}`);
  for (const { place, value, form, times } of report.found) io.out(`FOUND  ${value} (${form}) ${times} times in ${place}`);
  io.out(report.ok ? 'Nothing lay anywhere else.' : `${report.found.length} places hold what they must not.`);
}
