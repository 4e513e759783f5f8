// What a scenario of the red team is, what it is handed, and what it finds. Plain data: everything it does goes through a port.

import type { JsonValue } from '#core';

export interface Reply {
  readonly status: number;
  readonly body: JsonValue;
}

/** Who asks: a session, and the tenant it visits when that is not its own. */
export interface As {
  readonly token: string;
  readonly tenant?: string;
}

/** `blocked` by a code, `alerted` about, `found` by a check; `passed` says that nothing stood in the way. */
export type Outcome = 'blocked' | 'alerted' | 'found' | 'passed' | 'unclear' | 'not tried';

export interface Evidence {
  /** Number in the log of the tenant the pack works in. */
  readonly seq: number;
  readonly type: string;
  readonly id: string;
}

export interface Step {
  readonly tried: string;
  /** Person who tried; null for the administrator of the database. */
  readonly by: string | null;
  readonly outcome: Outcome;
  /** Status and code of the refusal, rule of the alert, code of the verifier. */
  readonly told: string;
  readonly evidence: readonly Evidence[];
}

export interface ScenarioResult {
  readonly scenario: string;
  readonly title: string;
  readonly outcome: Outcome;
  readonly steps: readonly Step[];
}

/** One person of the pack, for as long as it runs. */
export interface Insider {
  readonly id: string;
  /** In words, e.g. `an admin`. */
  readonly who: string;
  readonly token: string;
  ask(method: string, path: string, body?: unknown, tenant?: string): Promise<Reply>;
  /** Asks with something else in place of their session, such as a key. */
  elsewhere(token: string): (method: string, path: string, body?: unknown) => Promise<Reply>;
  /** The same, of what has to work for the scenario to mean anything. */
  must(method: string, path: string, body?: unknown, tenant?: string): Promise<Readonly<Record<string, JsonValue>>>;
}

/** A change by the administrator of the database, tried and taken back, and what the offline verifier said of it. */
export interface TamperTrial {
  readonly tried: string;
  /** The verifier found it; null when it could not be tried. */
  readonly isFound: boolean | null;
  readonly told: string;
}
export type Tamper = (tenant: string) => Promise<readonly TamperTrial[]>;

/** What a scenario is handed. */
export interface Trial {
  /** Owner of the throw-away tenant: sets scenes, and is no insider. */
  readonly owner: Insider;
  readonly tenant: { readonly id: string; readonly name: string };
  insider(who: string, ...roles: readonly string[]): Promise<Insider>;
  /** Of another throw-away tenant, an agency. */
  agency(): Promise<{ readonly id: string; readonly owner: Insider; staff(who: string): Promise<Insider> }>;
  /** Must be refused with one of these codes. */
  refused(tried: string, by: Insider, asked: Promise<Reply>, codes: readonly string[]): Promise<Reply>;
  /** May be done, and then an alert of this rule about this person must follow before the run ends. */
  alerted(tried: string, by: Insider, asked: Promise<Reply>, rule: string): Promise<Reply>;
  /** Something else that is seen at once: `isStopped` says that it was not to be had. */
  seen(
    tried: string,
    by: Insider | null,
    outcome: { readonly isStopped: boolean | null; readonly told: string; readonly how: Outcome },
  ): void;
  /** Id of the newest alert of this rule about this person; waits for it. */
  alertOf(rule: string, by: Insider): Promise<string>;
  /** Done when the run ends, whatever came of it. */
  after(undo: () => Promise<unknown>): void;
  wait(ms: number): Promise<void>;
  nowMs(): number;
  readonly tamper: Tamper | null;
  /** Different in every run, for names and planted values. */
  readonly mark: string;
}

export interface Scenario {
  readonly name: string;
  /** What the insider wants. */
  readonly title: string;
  run(trial: Trial): Promise<void>;
}
