// Signing in, passkeys and sessions for the control plane.

import type { ControlPorts, PasskeyView as ShownPasskey } from '#control';
import { formatTime, isRefusal, type PersonPrincipal } from '#core';
import { type Browser, boundKeyText, type PasskeyView } from '#identity';
import type { Logger } from '../logger.ts';
import { sealFor } from './change-records.ts';
import { namesOf } from './people-ports.ts';
import { codeOf, type Rooms } from './rooms.ts';

type Ports = Pick<ControlPorts, 'signIn' | 'passkeys' | 'sessions'>;

export function signInPorts(rooms: Rooms, logger: Logger): Ports {
  const { identity, relyingParty } = rooms;
  const browserOf = ({ key, label }: Parameters<Ports['signIn']['withLink']>[1]): Browser => ({
    // A key that is none leaves the session without one, as a browser does that can make none.
    key: key === null ? null : boundKeyText(key),
    label,
  });
  const shown = (passkey: PasskeyView): ShownPasskey => ({
    ...passkey,
    createdAt: passkey.createdAt.toISOString(),
    usedAt: passkey.usedAt?.toISOString() ?? null,
  });
  const sealOf = (person: PersonPrincipal) => sealFor(rooms, person);
  return {
    signIn: {
      site: relyingParty,
      limit: identity.limitSignIn,
      withLink: (secret, browser) => identity.redeem(secret, browserOf(browser)),
      options: identity.signInOptions,
      withPasskey: (assertion, browser) => identity.signInWithPasskey(assertion, browserOf(browser)),
      withRecoveryCode: (code, browser) => identity.recover(code, browserOf(browser)),
      prove: identity.proveSession,
      touch: (person) => {
        identity.touch(person).catch((fault: unknown) => logger.error({ event: 'session.fault', code: codeOf(fault) }));
      },
      hasPasskey: identity.hasPasskey,
      stepUpOptions: identity.stepUpOptions,
      stepUp: identity.stepUp,
    },
    passkeys: {
      list: async (tenant, person) => (await identity.passkeys.passkeys(tenant, person)).map(shown),
      options: identity.passkeys.enrolOptions,
      enrol: async (person, made) => {
        const passkey = await identity.passkeys.enrol(person, { ...made, seal: sealOf(person) });
        return isRefusal(passkey) ? passkey : shown(passkey);
      },
      rename: async (person, id, name) => {
        const passkey = await identity.passkeys.rename(person, id, name);
        return isRefusal(passkey) ? passkey : shown(passkey);
      },
      remove: (by, of, id) => identity.passkeys.remove(by, of, id, sealOf(by)),
      recoveryCodesLeft: ({ home, person }) => identity.recoveryCodesLeft(home, person),
      makeRecoveryCodes: (person) => identity.makeRecoveryCodes(person, sealOf(person)),
      reset: async (by, person) => {
        const link = await identity.resetPerson(by, person, sealOf(by));
        return isRefusal(link) ? link : { secret: link.secret, expiresAt: formatTime(link.expiresAtMs) };
      },
    },
    sessions: {
      list: async (by, person) => {
        const tenant = person === by.person ? by.home : by.tenant;
        const nameOf = await namesOf(rooms, tenant);
        return (await identity.openSessions(tenant, person)).map((session) => ({
          ...session,
          personName: nameOf(session.person),
          openedAt: session.openedAt.toISOString(),
          seenAt: session.seenAt?.toISOString() ?? null,
          passkeyAt: session.passkeyAt?.toISOString() ?? null,
          expiresAt: session.expiresAt.toISOString(),
          isThis: session.id === by.session,
        }));
      },
      end: (by, tenant, id) => identity.endSession(by, tenant, id, sealOf(by)),
    },
  };
}
