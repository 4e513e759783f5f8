// What a command is, and what it is handed.

import type { JsonValue } from '#core';
import type { NerSpan } from '#dlp';
import type { RedteamPorts } from '#redteam';
import type { OptionSpec, Parsed } from './arguments.ts';
import type { ExitCode } from './exit-codes.ts';

export interface Io {
  out(text: string): void;
  err(text: string): void;
  /** Raw bytes to standard output, for exports; resolves when written. */
  write(chunk: Uint8Array | string): Promise<void>;
  readFile(path: string): Promise<string>;
  /** The bytes of a file of any length, `-` for standard input, piece by piece. */
  bytes(path: string): AsyncIterable<Uint8Array>;
  /** The lines of a file of any length, `-` for standard input, one at a time; CLI_INPUT_UNREADABLE names the file and the line. */
  lines(path: string): AsyncIterable<string>;
  writeFile(path: string, text: string): Promise<void>;
  /** Writes a new file under another name first, so that what bears the name is whole. CLI_OUTPUT_EXISTS unless it may be replaced. */
  saveFile(path: string, pieces: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>, options: { replace: boolean }): Promise<void>;
  /** Hands over a private file that is gone afterwards. */
  withTemporaryFile<T>(pieces: AsyncIterable<Uint8Array>, use: (path: string) => Promise<T>): Promise<T>;
  /** The fault to throw when a named file can not be read. */
  unreadable(path: string, cause: unknown): Error;
  /** Every file below a folder as text, by its path relative to the folder. */
  readFolder(path: string): Promise<Readonly<Record<string, string>>>;
  /** The operator's model of names, opened from its folder. Coded faults name the file that can not be used. */
  openNames(folder: string): Promise<NamesModel>;
  /** Asks a person; `null` when there is no terminal. */
  ask(question: string): Promise<string | null>;
}

/** The running server's control plane, signed in as the local owner. */
export interface Control {
  /** Address of the control plane, e.g. `http://127.0.0.1:4810`. */
  readonly origin: string;
  /** `as`: with this session instead of the owner’s, in its own tenant or the one it visits, and the body sent as it is. */
  call(
    method: string,
    path: string,
    body?: unknown,
    as?: { readonly token: string; readonly tenant?: string },
  ): Promise<{ status: number; body: JsonValue }>;
  stream(path: string): Promise<AsyncIterable<Uint8Array>>;
  /** Sends a file as it is, of this type, piece by piece. */
  upload?(path: string, contentType: string, bytes: AsyncIterable<Uint8Array>): Promise<{ status: number; body: JsonValue }>;
}

export interface WorkflowTestReport {
  readonly workflow: string;
  readonly hash: string;
  readonly passed: number;
  readonly failed: number;
  readonly results: readonly {
    readonly path: string;
    readonly case: string;
    readonly ok: boolean;
    readonly differences: readonly string[];
  }[];
}

/** The last checkpoint somebody was shown of one ledger, and the key it was checked with. */
export interface SeenLedger {
  readonly verifierKey: string;
  readonly epoch: number;
  /** Signed note of the global tree. */
  readonly note: string;
  readonly seenAt: string;
}

/** By the origin of a ledger's first epoch, which never changes. */
export interface SeenLedgers {
  load(origin: string): Promise<SeenLedger | null>;
  save(origin: string, seen: SeenLedger): Promise<void>;
}

/** A model of names in a thread of its own; closed by whoever opened it. */
export interface NamesModel {
  read(text: string): Promise<readonly NerSpan[]>;
  close(): Promise<void>;
}

/** Commands that main carries out. Each gets its own arguments and prints through the same Io. */
export interface MainCommands {
  up(parsed: Parsed, io: Io): Promise<ExitCode>;
  doctor(parsed: Parsed, io: Io): Promise<ExitCode>;
  demoAttack(parsed: Parsed, io: Io): Promise<ExitCode>;
  /** In a throw-away installation: touches no existing data. */
  sweep(parsed: Parsed, io: Io): Promise<ExitCode>;
  /** Of the installation on this machine. */
  selfScan(parsed: Parsed, io: Io): Promise<ExitCode>;
  /** What is done with backups without asking a server; to restore and to adopt it must be stopped. */
  backup(action: 'list' | 'verify' | 'restore' | 'adopted', parsed: Parsed, io: Io): Promise<ExitCode>;
  /** At the machine, with the key file itself. `record` tells the server that the kit is printed, and gives the id of the key it uses. */
  readonly keys: {
    recoveryKit(parsed: Parsed, io: Io, record: (again: boolean) => Promise<string | null>): Promise<ExitCode>;
    recover(parsed: Parsed, io: Io): Promise<ExitCode>;
    seal(parsed: Parsed, io: Io): Promise<ExitCode>;
  };
  /** Runs the tests of a bundle in a throw-away installation. */
  testWorkflow(files: Readonly<Record<string, string>>, progress: (line: string) => void): Promise<WorkflowTestReport>;
  /** A program of its own: needs no server and no database. */
  witness(action: 'init' | 'run' | 'show', parsed: Parsed, io: Io): Promise<ExitCode>;
  /** What this user was shown of ledgers, kept between commands. */
  readonly seenLedgers: SeenLedgers;
  /** What the red team needs of this machine beside the control plane. */
  redteam(parsed: Parsed): Promise<Pick<RedteamPorts, 'clock' | 'wait' | 'tamper' | 'mark'>>;
  configOptions: readonly OptionSpec[];
  connect(parsed: Parsed): Promise<Control>;
}

export interface Context {
  readonly io: Io;
  readonly parsed: Parsed;
  readonly json: boolean;
  readonly main: MainCommands;
  control(): Promise<Control>;
}

export interface Command {
  /** The words that name it, e.g. `approvals list`. */
  readonly name: string;
  readonly summary: string;
  /** Positional arguments for help, e.g. `<id>`. */
  readonly positional: string;
  readonly options: readonly OptionSpec[];
  readonly run: (context: Context) => Promise<ExitCode>;
}
