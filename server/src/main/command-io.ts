// What a command of main is handed by the command line.

export interface CommandIo {
  out(text: string): void;
  err(text: string): void;
}

export interface ParsedOptions {
  readonly options: Readonly<Record<string, string | boolean | readonly string[]>>;
}

/** One line of the doctor's report. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

export type Grade = 'ok' | 'advice' | 'fault';

/** One line of the doctor's report on security. */
export interface Finding {
  readonly name: string;
  readonly grade: Grade;
  readonly detail: string;
}
