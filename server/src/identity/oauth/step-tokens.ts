// Tokens of our own runtime: one for what one step of one run may call, with the chain of who acts for whom. They never leave the process
// they are made in as a way in: their audience is no address of the gateway.
// INVARIANT: a step's token carries the operations its approved step names, and is good for that run alone.

import {
  type Actor,
  isRefusal,
  type KeyId,
  type PersonId,
  parseId,
  type Refusal,
  type RunId,
  type TokenScope,
  type WorkloadPrincipal,
} from '#core';
import { refusal } from '../errors.ts';
import type { AccessTokens } from './access-tokens.ts';

export const RUNTIME_AUDIENCE = 'urn:sallyport:runtime';

export interface StepOfRun {
  /** Key of the workflow's workload. */
  readonly key: KeyId;
  readonly workflow: string;
  readonly version: string;
  readonly run: RunId;
  readonly step: string;
  /** What the step's approved definition names. */
  readonly scope: TokenScope;
  /** A person, or whatever else started the run. */
  readonly startedBy: string;
}

export interface StepTokens {
  mintStep(step: StepOfRun): string | Refusal;
  /** The workload of the step, with the token's scope; only for that key, run and step. */
  authenticateStep(
    token: string,
    expected: { readonly key: KeyId; readonly run: RunId; readonly step: string | null },
  ): WorkloadPrincipal | Refusal;
}

export function createStepTokens({ tokens }: { readonly tokens: AccessTokens }): StepTokens {
  return {
    mintStep({ key, workflow, version, run, step, scope, startedBy }) {
      const holder = tokens.principalOf(key);
      if (isRefusal(holder)) return holder;
      const person: PersonId | null = parseId('per', startedBy);
      const origin: Actor = { sub: startedBy };
      const act: Actor = { sub: `step:${step}`, act: { sub: run, act: { sub: `workflow:${workflow}@${version}`, act: origin } } };
      const { token } = tokens.mint({
        iss: RUNTIME_AUDIENCE,
        aud: RUNTIME_AUDIENCE,
        sub: holder.workload,
        tenant: holder.tenant,
        client_id: holder.workload,
        scope,
        sid: key,
        also: [],
        anc: [],
        person,
        wf: workflow,
        wfv: version,
        run,
        step,
        act,
        jkt: null,
      });
      return token;
    },

    authenticateStep(text, expected) {
      const checked = tokens.check(text);
      if (isRefusal(checked)) return checked;
      const { claims, principal } = checked;
      const isTheirs =
        claims.aud === RUNTIME_AUDIENCE && claims.sid === expected.key && claims.run === expected.run && claims.step === expected.step;
      return isTheirs ? principal : refusal('IDENTITY_TOKEN_INVALID');
    },
  };
}
