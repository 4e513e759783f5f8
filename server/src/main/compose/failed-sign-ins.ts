// Writes into the log what did not let anybody in: a wrong link, passkey, code, key or token. The first few of a kind as events of their own,
// the rest counted. INVARIANT: an event says how it was tried and why not, and nothing of who, with what or from where: nobody is known by
// it, and whoever reads it learns of no name or key that is there. What is answered, and when, does not depend on it.

import type { ControlPorts } from '#control';
import { type Clock, isRefusal, makeEvent, type Random, type Refusal, type TenantId } from '#core';
import type { GuardDeps } from '#enforcement';
import type { EventWriter } from '#storage';

export type Tried = 'link' | 'passkey' | 'recovery_code' | 'step_up' | 'company_login' | 'key' | 'client' | 'provisioning' | 'session';

export interface FailedSignIns {
  note(how: Tried, code: string): void;
  /** Writes what was only counted. */
  flush(): void;
  stop(): void;
}

/** Of one way and one code, told one by one in a window. */
const TOLD_SINGLY = 3;
const WINDOW_MS = 60_000;
/** Says nothing of who tries: it is we who can not tell, or who stopped asking. */
const NO_FAILURE: ReadonlySet<string> = new Set(['IDENTITY_FEED_LOST', 'IDENTITY_KEY_MISSING', 'CONTROL_REQUEST_INVALID']);

export function createFailedSignIns({
  events,
  tenant,
  clock,
  random,
  onFault,
}: {
  readonly events: Pick<EventWriter, 'appendSoon'>;
  /** Whose log it stands in: somebody who is not known is of no tenant, so the one the installation began with. */
  readonly tenant: TenantId;
  readonly clock: Clock;
  readonly random: Random;
  readonly onFault: (fault: unknown) => void;
}): FailedSignIns {
  let counted = new Map<string, { readonly how: Tried; readonly code: string; told: number; more: number }>();

  function tell(how: Tried, code: string, times: number): void {
    const facts = { how, code, times };
    const told = { tenant, type: 'control.sign_in.refused', actor: 'system:sign_in', subject: tenant, public: facts };
    events.appendSoon(makeEvent({ clock, random }, told)).catch(onFault);
  }
  function flush(): void {
    const due = counted;
    counted = new Map();
    for (const { how, code, more } of due.values()) if (more > 0) tell(how, code, more);
  }

  const timer = setInterval(flush, WINDOW_MS);
  timer.unref();
  return {
    note(how, code) {
      if (NO_FAILURE.has(code)) return;
      const key = `${how} ${code}`;
      const held = counted.get(key) ?? { how, code, told: 0, more: 0 };
      counted.set(key, held);
      if (held.told < TOLD_SINGLY) {
        held.told += 1;
        tell(how, code, 1);
      } else held.more += 1;
    },
    flush,
    stop() {
      clearInterval(timer);
      flush();
    },
  };
}

type Noted = Pick<FailedSignIns, 'note'>;

/** The same ports, each refusal of which is noted. */
export function notingRefusals<Ports extends Pick<ControlPorts, 'signIn' | 'scim' | 'oauth' | 'federation'>>(
  ports: Ports,
  { note }: Noted,
): Ports {
  const noting =
    <Args extends readonly unknown[], Answer>(how: Tried, work: (...args: Args) => Promise<Answer | Refusal>) =>
    async (...args: Args): Promise<Answer | Refusal> => {
      const answer = await work(...args);
      if (answer !== null && typeof answer === 'object' && isRefusal(answer)) note(how, (answer as Refusal).code);
      return answer;
    };
  const { signIn, scim, oauth, federation } = ports;
  return {
    ...ports,
    signIn: {
      ...signIn,
      limit: async (address, kind) => {
        const refused = await signIn.limit(address, kind);
        if (refused !== null) note('session', refused.code);
        return refused;
      },
      withLink: noting('link', signIn.withLink),
      withPasskey: noting('passkey', signIn.withPasskey),
      withRecoveryCode: noting('recovery_code', signIn.withRecoveryCode),
      stepUp: async (person, assertion) => {
        const refused = await signIn.stepUp(person, assertion);
        if (refused !== null) note('step_up', refused.code);
        return refused;
      },
    },
    scim: {
      ...scim,
      authenticate: async (presented) => {
        const caller = await scim.authenticate(presented);
        if (caller === null && presented !== null) note('provisioning', 'SCIM_TOKEN_INVALID');
        return caller;
      },
    },
    oauth: {
      ...oauth,
      token: async (request, from) => {
        const reply = await oauth.token(request, from);
        if (reply.status === 401) note('client', 'OAUTH_CLIENT_INVALID');
        return reply;
      },
    },
    federation: { ...federation, finish: noting('company_login', federation.finish) },
  };
}

/** The same guard, each wrong key and token of which is noted. */
export function notingKeys(guard: GuardDeps, { note }: Noted): GuardDeps {
  const { identity } = guard;
  return {
    ...guard,
    identity: {
      ...identity,
      authenticateCall: async (presented, at) => {
        const principal = await identity.authenticateCall(presented, at);
        if (isRefusal(principal)) note('key', principal.code);
        return principal;
      },
    },
  };
}
