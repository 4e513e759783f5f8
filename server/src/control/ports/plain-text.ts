// Where plain text exists: every place that holds data and every way it takes, each with how it is protected and how that is known.

import type { PersonPrincipal } from '#core';

/**
 * `sealed`: whoever takes it reads nothing. `clear_to_recipient`: in clear to whoever it is for. `clear_here`: in clear, and never leaves
 * this machine. `clear`: in clear. `nothing`: nothing of anybody is there. `absent`: there is no such thing here.
 */
export const PLAIN_TEXT_STATES = ['sealed', 'nothing', 'clear_to_recipient', 'clear_here', 'clear', 'absent'] as const;
export type PlainTextState = (typeof PLAIN_TEXT_STATES)[number];

/** `setting`: as it is set. `measured`: looked at just now. `product`: so it is built. */
export type PlainTextBy = 'setting' | 'measured' | 'product';

export interface PlainTextEvidence {
  readonly by: PlainTextBy;
  readonly text: string;
}

export interface PlainTextWarning {
  /** `fault`: mend it. `advice`: worth a thought. */
  readonly grade: 'advice' | 'fault';
  readonly text: string;
}

interface Shown {
  readonly id: string;
  readonly state: PlainTextState;
  readonly evidence: readonly PlainTextEvidence[];
  readonly warnings: readonly PlainTextWarning[];
}

/** A class of data that really went to a place. */
export interface PlainTextClass {
  readonly dataClass: string;
  readonly handling: string;
  readonly count: number;
}

export interface PlainTextPlace extends Shown {
  readonly kind:
    | 'browser'
    | 'program'
    | 'server'
    | 'database'
    | 'keys'
    | 'backups'
    | 'logs'
    | 'model'
    | 'integration'
    | 'key_service'
    | 'webhook'
    | 'company_login';
  /** Its name where people gave it one. */
  readonly name: string | null;
  readonly classes: readonly PlainTextClass[];
  /** Of the database: what is not sealed, by the reason. */
  readonly inClear: readonly { readonly why: string; readonly columns: readonly string[] }[];
}

export interface PlainTextHop extends Shown {
  readonly from: string;
  readonly to: string;
}

export interface PlainTextView {
  readonly at: string;
  readonly places: readonly PlainTextPlace[];
  readonly hops: readonly PlainTextHop[];
}

export interface PlainTextPorts {
  /** Hosts and folders of the installation are named to its own people only. */
  show(person: PersonPrincipal): Promise<PlainTextView>;
}
