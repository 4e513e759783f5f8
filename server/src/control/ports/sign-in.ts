// How people come in and prove that it is still them, as the control plane asks for it.

import type { PasskeyId, PersonId, PersonPrincipal, Refusal, SessionId, TenantId, UnixMs } from '#core';

export interface Session {
  readonly token: string;
  readonly expiresAtMs: UnixMs;
  readonly session: SessionId;
}

/** The browser that signs in: the public half of its key, if it could make one, and what it calls itself in a few words. */
export interface BrowserInput {
  readonly key: { readonly x: string; readonly y: string } | null;
  readonly label: string;
}

/** What a passkey signed; base64url, as browsers give it. */
export interface AssertionInput {
  readonly id: string;
  readonly clientDataJSON: string;
  readonly authenticatorData: string;
  readonly signature: string;
  readonly userHandle: string | null;
}

export interface NewPasskeyInput {
  readonly name: string;
  readonly id: string;
  readonly clientDataJSON: string;
  readonly attestationObject: string;
  readonly transports: readonly string[];
}

export interface PasskeyView {
  readonly id: PasskeyId;
  readonly name: string;
  readonly createdAt: string;
  readonly usedAt: string | null;
  /** On several devices, kept in step by a password manager. */
  readonly isSynced: boolean;
}

export interface SessionView {
  readonly id: SessionId;
  readonly person: PersonId;
  readonly personName: string;
  readonly kind: 'browser' | 'cli';
  readonly label: string;
  readonly method: string;
  readonly device: string | null;
  /** Whether a copied cookie opens nothing: each request is signed by the browser. */
  readonly isBound: boolean;
  readonly openedAt: string;
  readonly seenAt: string | null;
  readonly passkeyAt: string | null;
  readonly expiresAt: string;
  /** The session that asks. */
  readonly isThis: boolean;
}

export interface SignInPorts {
  readonly signIn: {
    /** The console's address as people open it. */
    site(): { readonly origin: string; readonly isHttps: boolean };
    /** Counts a request of somebody who has not signed in; a refusal once there were too many from this address. */
    limit(address: string, kind: 'any' | 'recovery'): Promise<Refusal | null>;
    withLink(secret: string, browser: BrowserInput): Promise<Session | Refusal>;
    options(): Promise<object>;
    withPasskey(assertion: AssertionInput, browser: BrowserInput): Promise<Session | Refusal>;
    withRecoveryCode(code: string, browser: BrowserInput): Promise<Session | Refusal>;
    /** Null when the request was signed by the browser its session belongs to, or the session belongs to none. */
    prove(person: PersonPrincipal, presented: { proof: string | null; method: string; target: string }): Refusal | null;
    /** Somebody did something: the session is not idle. Returns at once. */
    touch(person: PersonPrincipal): void;
    hasPasskey(person: PersonPrincipal): boolean;
    stepUpOptions(person: PersonPrincipal): Promise<object>;
    stepUp(person: PersonPrincipal, assertion: AssertionInput): Promise<Refusal | null>;
  };
  readonly passkeys: {
    list(tenant: TenantId, person: PersonId): Promise<readonly PasskeyView[]>;
    options(person: PersonPrincipal): Promise<object | Refusal>;
    enrol(person: PersonPrincipal, made: NewPasskeyInput): Promise<PasskeyView | Refusal>;
    rename(person: PersonPrincipal, id: PasskeyId, name: string): Promise<PasskeyView | Refusal>;
    remove(by: PersonPrincipal, of: PersonId, id: PasskeyId): Promise<Refusal | null>;
    recoveryCodesLeft(person: PersonPrincipal): Promise<number>;
    makeRecoveryCodes(person: PersonPrincipal): Promise<readonly string[] | Refusal>;
    /** Takes away whatever a person signs in with and gives a link for them. */
    reset(by: PersonPrincipal, person: PersonId): Promise<{ readonly secret: string; readonly expiresAt: string } | Refusal>;
  };
  readonly sessions: {
    /** `null`: everybody's. */
    list(by: PersonPrincipal, person: PersonId | null): Promise<readonly SessionView[]>;
    end(by: PersonPrincipal, tenant: TenantId, id: SessionId): Promise<Refusal | null>;
  };
}
