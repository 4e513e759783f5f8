// The commands main carries out for the command line. Their arguments arrive parsed; results go to the Io they are handed.

import { existsSync, readFileSync } from 'node:fs';
import { isObject, isRefusal, type JsonValue, SallyportError } from '#core';
import { createLoopbackClient } from '#egress';
import program from '../../package.json' with { type: 'json' };
import { backupsHere } from './backup/commands.ts';
import type { CommandIo, ParsedOptions } from './command-io.ts';
import { runDemoAttack } from './demo-attack.ts';
import { runDoctor } from './doctor.ts';
import { runSecurityDoctor } from './doctor-security.ts';
import { currentUser, foldersOf } from './folders.ts';
import { keysHere } from './keys-here.ts';
import { loadConfig } from './load-config.ts';
import { createLogger } from './logger.ts';
import { linesOf, prepareDatabase } from './prepare-database.ts';
import { redteam } from './redteam/redteam.ts';
import { readPrivate } from './secret-file.ts';
import { seenLedgers } from './seen-ledgers.ts';
import { type Server, startServer } from './server.ts';
import { type Config, SERVES, settingNames, settings } from './settings.ts';
import { firstSignal } from './signals.ts';
import { runSweep } from './sweep/command.ts';
import { runSelfScan } from './sweep/self-scan.ts';
import { pinOf } from './tls.ts';
import { witness } from './witness.ts';
import { testWorkflow } from './workflow-test.ts';

const CONFIG_FLAG = '--config';
export const configOptions = [
  { name: CONFIG_FLAG, value: 'FILE', doc: 'YAML file with settings.' },
  ...settingNames.map((name) => ({
    name: settings[name].flag,
    value: name === 'unsafeListenWithoutTls' ? null : 'VALUE',
    doc: settings[name].doc,
  })),
];
/** Every other option of a command is the command's own. */
const SETTING_FLAGS: ReadonlySet<string> = new Set(settingNames.map((name) => settings[name].flag));

export function configOf(parsed: ParsedOptions): Config {
  const flags = Object.fromEntries(
    Object.entries(parsed.options).filter(
      (entry): entry is [string, string | boolean] => SETTING_FLAGS.has(entry[0]) && !Array.isArray(entry[1]),
    ),
  );
  const file = parsed.options[CONFIG_FLAG];
  return loadConfig({ flags, env: process.env, file: typeof file === 'string' ? file : null });
}

export async function up(parsed: ParsedOptions, io: CommandIo): Promise<0 | 1> {
  const config = configOf(parsed);
  const logger = createLogger(config.logLevel, (line) => io.err(line.trimEnd()));
  const folders = foldersOf(config, currentUser());
  if (parsed.options['--prepare-only'] === true) {
    io.out(linesOf(await prepareDatabase(config, folders, logger)).join('\n'));
    return 0;
  }
  const startedMs = performance.now();
  if (config.databaseUrl === null)
    io.err(existsSync(folders.postgres) ? 'Starting Postgres ...' : 'First start: creating the database, some seconds ...');
  const server = await startServer(config, folders, logger);
  // Heard from here on: whoever reads the banner may stop the server at once.
  const stopped = firstSignal();
  const demoLines = parsed.options['--demo'] === true ? await startDemo(server) : [];
  io.out(
    [
      `Sallyport runs (${((performance.now() - startedMs) / 1000).toFixed(1)} s).`,
      ...(server.gateway.port === 0
        ? []
        : [
            `  gateway        ${server.scheme}://${server.gateway.host}:${server.gateway.port}   model calls: /v1   shop calls: /connect/<integration>`,
          ]),
      ...(server.control.port === 0 ? [] : await consoleLines(server)),
      ...(config.serve.length === SERVES.length ? [] : [`  serves         ${config.serve.join(', ')}; other processes do the rest`]),
      `  database       ${server.database.embedded ? `embedded Postgres in ${folders.postgres}` : 'external (DATABASE_URL)'}`,
      `  keys           ${folders.secrets}   back this folder up, apart from the data`,
      ...(config.unsafeListenWithoutTls ? ['  UNSAFE: listening beyond loopback without TLS; API keys cross the network readable.'] : []),
      ...demoLines,
      ...(server.isPending
        ? ['  RESTORED: no call is taken until people confirm it; sallyport backup status, sallyport backup confirm']
        : []),
      '  Ctrl-C stops everything.',
    ].join('\n'),
  );
  const retired = await Promise.race([stopped.then(() => null), server.database.retired]);
  if (retired !== null) io.err(`${retired.code}: ${retired.message}`);
  io.err('Stopping: calls under way may end.');
  await server.close();
  return retired === null ? 0 : 1;
}

/** What "See it work" in the console does, for the owner who started the server. */
async function startDemo(server: Server): Promise<readonly string[]> {
  const owner = server.rooms.identity.authenticateSession(server.ownerToken);
  const started = isRefusal(owner) ? owner : await server.demo.start(owner, null);
  if (isRefusal(started)) return [`  demo           not started: ${started.code}: ${started.reason}`];
  return ['  demo           tickets arrive; watch them in the console, or with: sallyport demo status'];
}

/** The link signs the owner in once. The secret stands behind `#`, which no browser sends and no server logs. */
async function consoleLines(server: Server): Promise<readonly string[]> {
  const { origin } = server.rooms.relyingParty();
  if (!server.hasConsole) return [`  control plane  ${origin}   the console is not built: npm run build -w console`];
  const secret = await server.rooms.identity.ownerLink(server.rooms.tenant);
  return [`  console        ${origin}/sign-in#${secret}`, '                 opens once, within 10 minutes; a new link: sallyport sign-in'];
}

/** Of a server that is named together with a file that holds an owner's token. */
function givenCredential(control: string, parsed: ParsedOptions) {
  const file = parsed.options['--token-file'];
  if (typeof file !== 'string' || !existsSync(file))
    throw new SallyportError('MAIN_NOT_SIGNED_IN', 'Option --url needs --token-file, a file with the token of an owner there.');
  return { control: control.replace(/\/+$/, ''), token: readFileSync(file, 'utf8').trim(), certificate: null };
}

/** The running server of this user, by the credential file it wrote, or the one that is named. */
export async function connect(parsed: ParsedOptions) {
  const secretsDir = parsed.options['--secrets-dir'];
  const config = loadConfig({ flags: typeof secretsDir === 'string' ? { '--secrets-dir': secretsDir } : {}, env: process.env, file: null });
  const { cliCredentialFile } = foldersOf(config, currentUser());
  const elsewhere = parsed.options['--url'];
  const { control, token, certificate } =
    typeof elsewhere === 'string' ? givenCredential(elsewhere, parsed) : credential(cliCredentialFile);
  const client = createLoopbackClient(control, certificate === null ? null : pinOf(certificate));
  const reason = parsed.options['--reason'];
  const tenant = parsed.options['--tenant'];
  const signed = {
    authorization: `Bearer ${token}`,
    'user-agent': `sallyport-cli/${program.version} (${process.platform})`,
    ...(typeof tenant === 'string' ? { 'x-sallyport-tenant': encodeURIComponent(tenant.toWellFormed()) } : {}),
    ...(typeof reason === 'string' ? { 'x-sallyport-reason': encodeURIComponent(reason.toWellFormed()) } : {}),
  };
  return {
    origin: control,
    call: async (method: string, path: string, body?: unknown, as?: { readonly token: string; readonly tenant?: string }) => {
      const whose = as === undefined ? signed : signedAs(as, signed['user-agent']);
      const reply = await client.send({
        method,
        path,
        headers: body === undefined ? whose : { ...whose, 'content-type': 'application/json' },
        body: body === undefined ? null : as !== undefined && typeof body === 'string' ? body : JSON.stringify(body),
      });
      const text = await reply.text();
      return { status: reply.status, body: bodyOf(text, as !== undefined) };
    },
    upload: async (path: string, contentType: string, bytes: AsyncIterable<Uint8Array>) => {
      const headers = { ...signed, 'content-type': contentType };
      const reply = await client.send({ method: 'POST', path, headers, body: bytes, isLong: true });
      return { status: reply.status, body: bodyOf(await reply.text(), false) };
    },
    stream: async (path: string) => {
      const reply = await client.send({ method: 'GET', path, headers: signed, body: null });
      if (reply.status !== 200) throw refusalOf(await reply.text());
      return reply.body;
    },
  };
}

function signedAs(as: { readonly token: string; readonly tenant?: string }, userAgent: string): Record<string, string> {
  const tenant = as.tenant === undefined ? {} : { 'x-sallyport-tenant': as.tenant };
  return { authorization: `Bearer ${as.token}`, 'user-agent': userAgent, ...tenant };
}

/** Whoever asks with another session asks every route, also those that answer with a file. */
function bodyOf(text: string, isAnything: boolean): JsonValue {
  if (text === '') return null;
  try {
    return JSON.parse(text) as JsonValue;
  } catch (fault) {
    if (isAnything) return null;
    throw fault;
  }
}

/** What the control plane answered instead of a stream, by its own code. */
function refusalOf(text: string): SallyportError {
  let problem: unknown = null;
  try {
    problem = JSON.parse(text);
  } catch {
    // not a problem document
  }
  if (isObject(problem) && typeof problem.code === 'string' && typeof problem.detail === 'string') {
    return new SallyportError(problem.code, problem.detail);
  }
  return new SallyportError('MAIN_NOT_SIGNED_IN', 'The control plane refused the export; is the credential current?');
}

function credential(path: string): { control: string; token: string; certificate: string | null } {
  let value: unknown = null;
  try {
    value = JSON.parse(readPrivate(path));
  } catch {
    value = null;
  }
  if (isObject(value) && typeof value.control === 'string' && typeof value.token === 'string')
    return { control: value.control, token: value.token, certificate: typeof value.certificate === 'string' ? value.certificate : null };
  throw new SallyportError(
    'MAIN_NOT_SIGNED_IN',
    `There is no readable command-line credential at ${path}; start the server with \`sallyport up\` as the same user.`,
  );
}

type AskingIo = CommandIo & { ask(question: string): Promise<string | null> };
type Worded = ParsedOptions & { readonly words: readonly string[] };

export const mainCommands = {
  up,
  doctor: (parsed: ParsedOptions, io: CommandIo) => {
    const json = parsed.options['--json'] === true;
    const ask = async (path: string) => (await connect(parsed)).call('GET', path);
    return parsed.options['--security'] === true
      ? runSecurityDoctor(configOf(parsed), json, io, ask)
      : runDoctor(configOf(parsed), json, io);
  },
  demoAttack: runDemoAttack,
  sweep: runSweep,
  selfScan: (parsed: ParsedOptions, io: CommandIo) => runSelfScan(parsed, io, configOf),
  backup: (action: keyof typeof backupsHere, parsed: Worded, io: CommandIo) => backupsHere[action](parsed, configOf(parsed), io),
  keys: {
    recoveryKit: (parsed: ParsedOptions, io: AskingIo, record: (again: boolean) => Promise<string | null>) =>
      keysHere.recoveryKit(parsed, configOf(parsed), io, record),
    recover: (parsed: ParsedOptions, io: AskingIo) => keysHere.recover(parsed, configOf(parsed), io),
    seal: (parsed: ParsedOptions, io: AskingIo) => keysHere.seal(parsed, configOf(parsed), io),
  },
  testWorkflow,
  witness,
  redteam: (parsed: ParsedOptions) => redteam(parsed, configOf),
  seenLedgers,
  configOptions,
  connect,
} as const;
