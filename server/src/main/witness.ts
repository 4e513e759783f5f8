// `sallyport witness`: makes a witness, runs it until it is told to stop, and shows its key. It needs no database, no server and none of
// their settings; everything it knows lies in its own folder.

import { createWitnessKey, loadWitnessKey, openWitness, serveWitness, type WitnessServer } from '#audit';
import { SallyportError } from '#core';
import type { CommandIo, ParsedOptions } from './command-io.ts';
import { codeOf } from './compose/rooms.ts';
import { isLoopback, listenFault } from './listeners.ts';
import { createLogger } from './logger.ts';
import { firstSignal } from './signals.ts';
import { systemClock } from './world.ts';

const DEFAULT_LISTEN = '127.0.0.1:4830';
const LISTEN = /^(\[[0-9a-f:]+\]|[a-zA-Z0-9.-]+):([0-9]{1,5})$/;

export type WitnessAction = 'init' | 'run' | 'show';

export async function witness(action: WitnessAction, parsed: ParsedOptions, io: CommandIo): Promise<0> {
  const folder = needed(parsed, '--dir');
  if (action === 'run') return run(folder, parsed, io);
  const { name, verifierKey } = action === 'init' ? createWitnessKey(folder, needed(parsed, '--name')) : loadWitnessKey(folder);
  if (parsed.options['--json'] === true) io.out(JSON.stringify({ name, verifierKey }, null, 2));
  else io.out(verifierKey);
  return 0;
}

async function run(folder: string, parsed: ParsedOptions, io: CommandIo): Promise<0> {
  const listen = parseListen(parsed);
  const logs = parsed.options['--log'];
  if (!Array.isArray(logs)) throw usage('Name at least one log: --log KEY, the key that `sallyport audit status` of the server prints.');
  const logger = createLogger('info', (line) => io.err(line.trimEnd()));
  const opened = await openWitness({
    folder,
    logs: logs as readonly string[],
    clock: systemClock,
    onMisbehaviour: () => logger.error({ event: 'witness.checkpoint.refused', code: 'AUDIT_WITNESS_INCONSISTENT' }),
  });
  const server: WitnessServer = await serveWitness(opened, {
    ...listen,
    onFault: (fault) => logger.error({ event: 'witness.fault', code: codeOf(fault) }),
  }).catch((cause: unknown) => {
    throw listenFault('witness', listen.port, cause);
  });
  // Heard from here on: whoever reads the line below may stop the witness at once.
  const stopped = firstSignal();
  io.out(
    [
      `Witness ${opened.name} runs at http://${server.host.includes(':') ? `[${server.host}]` : server.host}:${server.port}`,
      `  key   ${opened.verifierKey}`,
      ...opened.origins.map((origin) => `  log   ${origin}`),
      '  Ctrl-C stops it.',
    ].join('\n'),
  );
  await stopped;
  await server.close();
  return 0;
}

function parseListen(parsed: ParsedOptions): { host: string; port: number } {
  const given = parsed.options['--listen'];
  const [, name = '', port = ''] = LISTEN.exec(typeof given === 'string' ? given : DEFAULT_LISTEN) ?? [];
  const host = name.startsWith('[') ? name.slice(1, -1) : name;
  if (host === '' || Number(port) > 65_535) throw usage('--listen takes HOST:PORT, e.g. 127.0.0.1:4830.');
  if (!isLoopback(host) && parsed.options['--unsafe-listen-without-tls'] !== true) {
    throw new SallyportError(
      'MAIN_LISTEN_UNSAFE',
      `Listening on ${host} without TLS lets others change what the witness is sent. Put a TLS proxy in front of 127.0.0.1, or pass --unsafe-listen-without-tls.`,
    );
  }
  return { host, port: Number(port) };
}

function needed(parsed: ParsedOptions, name: string): string {
  const value = parsed.options[name];
  if (typeof value !== 'string' || value === '') throw usage(`Option ${name} is needed.`);
  return value;
}

function usage(message: string): SallyportError {
  return new SallyportError('MAIN_USAGE', message);
}
