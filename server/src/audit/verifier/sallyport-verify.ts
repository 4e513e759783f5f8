// The offline verifier as a program: node: modules only, no network, no database, and not a line shared with the code that writes the
// ledger. Its parts beside it are joined into one file, `sallyport-verify.mjs`, which runs under Node 20 and newer.

import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import process, { argv, stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { type Verdict, verifyPack } from './verify-pack.ts';

const USAGE = `usage: sallyport-verify PACK [--key VERIFIER_KEY] [--policy FILE] [--against RECEIPT_OR_CHECKPOINT] [--save RECEIPT] [--json]

Checks a pack of \`sallyport audit export\` without a server and without a network.
  --key      the log's public key, known from elsewhere than the pack
  --policy   a witness policy (c2sp.org/tlog-policy): which witnesses must have signed
  --against  a receipt or checkpoint kept earlier: finds a cut tail, a fork and a rollback
  --save     where to keep the receipt of a pack that verifies; a new file
  --json     one JSON document on standard output
Exit codes: 0 verified, 1 not verified, 2 wrong usage, 3 a file can not be read or written.
`;
const EXIT = { verified: 0, notVerified: 1, usage: 2, unreadable: 3 } as const;

function parseCommand(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    const options = { key: text, policy: text, against: text, save: text, json: flag, help: flag } as const;
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    return positionals.length === 1 || values.help === true ? { ...values, path: positionals[0] ?? '' } : null;
  } catch {
    return null;
  }
}

/** A line that is written over again, for a person who waits. */
function progressLine(): { show(done: number, total: number): void; end(): void } {
  let shown = -1;
  return {
    show(done, total) {
      const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
      if (!stderr.isTTY || percent === shown) return;
      shown = percent;
      stderr.write(`\rchecked ${done} of ${total} events (${percent}%)`);
    },
    end() {
      if (shown >= 0) stderr.write('\r\u001b[K');
    },
  };
}

function extentOf({ shows, range, events, size, outsideTime, tenant }: Verdict): string {
  if (shows === 'range' && range !== null) {
    const outside = outsideTime === 0 ? '' : ` ${outsideTime} of them happened outside the time asked for and stand among the others.`;
    return `${range.to - range.from} events of ${tenant}: all from number ${range.from} to before number ${range.to}, of ${size}.${outside}`;
  }
  if (shows === 'selection') return `${events} chosen events of ${tenant}, of ${size}. Whether others were left out is not shown.`;
  return `${events} events of ${tenant}: all there are under the checkpoint.`;
}

export function report(verdict: Verdict): string {
  const { ok, code, message, firstBad, badFile, provenUpTo, unsealed, witnesses, witnessedSize, globalSize } = verdict;
  const lines = [ok ? `VERIFIED: ${extentOf(verdict)}` : `NOT VERIFIED: ${code}. ${message}`];
  if (firstBad !== null) lines.push(`First bad sequence number: ${firstBad}. Proven intact below: ${provenUpTo}.`);
  if (badFile !== null) lines.push(`In the file: ${badFile}.`);
  for (const { name, at } of witnesses ?? []) lines.push(`Witness ${name} saw the checkpoint at ${at}.`);
  if (witnessedSize !== null && globalSize !== null && witnessedSize < globalSize) {
    lines.push(`They saw an older checkpoint, of size ${witnessedSize} of ${globalSize}: what was sealed after it has no witness.`);
  }
  if (unsealed !== null && unsealed > 0) lines.push(`${unsealed} events were recorded but not yet sealed.`);
  if (ok && !verdict.keyTrusted) {
    lines.push('The key came with the pack: this shows integrity, not who signed. Give the key you trust with --key.');
  }
  if (ok && !verdict.continuesSaved) {
    lines.push('Not compared with anything saved: a cut-off end would not be noticed. Give a receipt with --against.');
  }
  return `${lines.join('\n')}\n`;
}

export async function main(args: readonly string[]): Promise<number> {
  const command = parseCommand(args);
  if (command === null || command.help === true) {
    (command === null ? stderr : stdout).write(USAGE);
    return command === null ? EXIT.usage : EXIT.verified;
  }
  const progress = progressLine();
  try {
    const verdict = await verifyPack(command.path, {
      onProgress: progress.show,
      ...(command.key === undefined ? {} : { trustedKey: command.key }),
      ...(command.policy === undefined ? {} : { policy: readFileSync(command.policy, 'utf8') }),
      ...(command.against === undefined ? {} : { savedCheckpoint: readFileSync(command.against, 'utf8') }),
    });
    progress.end();
    if (command.save !== undefined && verdict.receipt !== null) writeFileSync(command.save, verdict.receipt, { flag: 'wx' });
    stdout.write(command.json === true ? `${JSON.stringify(verdict)}\n` : report(verdict));
    return verdict.ok ? EXIT.verified : EXIT.notVerified;
  } catch (failure) {
    progress.end();
    const { code = 'UNREADABLE', syscall } = failure as NodeJS.ErrnoException;
    if (syscall === undefined) throw failure;
    stderr.write(`sallyport-verify: ${code}: the pack or a given file can not be read or written.\n`);
    return EXIT.unreadable;
  }
}

if (argv[1] !== undefined && realpathSync(argv[1]) === import.meta.filename) process.exitCode = await main(argv.slice(2));
