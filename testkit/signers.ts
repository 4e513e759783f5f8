// People who sign with a passkey, as tests of what is signed need them: let in by a link, with a key of their own.

import { isRefusal, type PersonPrincipal, type Refusal } from '../server/src/core/index.ts';
import { type PasskeyDevice, passkeyDevice } from './passkey-device.ts';

export interface Signer {
  readonly token: string;
  readonly device: PasskeyDevice;
}

/** What identity does for them. */
interface Door {
  authenticateSession(token: string): PersonPrincipal | Refusal;
  redeem(secret: string): Promise<{ readonly token: string } | Refusal>;
  readonly passkeys: {
    enrolOptions(person: PersonPrincipal): Promise<object>;
    enrol(person: PersonPrincipal, made: ReturnType<PasskeyDevice['create']> & { readonly name: string }): Promise<object>;
  };
}

/** What was answered, where a refusal would be a mistake of the test. */
export function granted<T extends object>(answer: T): Exclude<T, { kind: 'deny' }> {
  if (isRefusal(answer)) throw new Error(answer.code);
  return answer as Exclude<T, { kind: 'deny' }>;
}

export const codeOf = (answer: unknown): string => (isRefusal(answer) ? answer.code : 'ok');

/** `door`: asked anew each time, for tests open it later. */
export function signersOf(door: () => Door) {
  const person = ({ token }: Pick<Signer, 'token'>): PersonPrincipal => granted(door().authenticateSession(token));
  return {
    person,
    /** Who comes in by this link, and makes a passkey. */
    async signer(secret: string): Promise<Signer> {
      const { token } = granted(await door().redeem(secret));
      const device = passkeyDevice();
      const options = granted(await door().passkeys.enrolOptions(person({ token })));
      granted(await door().passkeys.enrol(person({ token }), { ...device.create(options), name: 'Key' }));
      return { token, device };
    },
  };
}
