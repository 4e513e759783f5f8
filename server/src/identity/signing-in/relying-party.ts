// Under which name passkeys are made: the host of the console's address. Pure.
// A passkey is bound to a host NAME; an address such as 127.0.0.1 can have none, so this machine is `localhost`.

export interface RelyingParty {
  /** The host the passkeys belong to. */
  readonly id: string;
  /** The console's address as a browser sees it. */
  readonly origin: string;
  /** Whether a browser reaches it over https, so that its cookie can be kept to that. */
  readonly isHttps: boolean;
}

/** `publicUrl`: the control plane's outside origin, checked by its setting; else the listener on this machine. */
export function relyingPartyOf(publicUrl: string | null, listener: { readonly port: number; readonly isTls: boolean }): RelyingParty {
  const url = new URL(publicUrl ?? `${listener.isTls ? 'https' : 'http'}://localhost:${listener.port}`);
  return { id: url.hostname, origin: url.origin, isHttps: url.protocol === 'https:' };
}
