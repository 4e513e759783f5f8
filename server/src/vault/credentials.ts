// Storing, replacing, listing and dropping credentials. Each is sealed under a key of its own, so that dropping it destroys it.
// A secret leaves by a lease, and for a search of this installation's own files (`forSearch`); both as a SecretString.

import { type Clock, type CredentialId, makeEvent, newId, type Random, type TenantId, type Tx } from '#core';
import { isPathInside, parseDestination } from '#egress';
import { appendEvents } from '#storage';
import { vaultFault } from './envelope.ts';
import type { Keyring } from './keyring.ts';
import { SecretString } from './secret-string.ts';
import { type CredentialRow, deleteCredential, findCredential, listCredentials, saveCredential } from './store/credentials.ts';

export interface NewCredential {
  readonly tenant: TenantId;
  /** One per tenant; storing under a taken name replaces the secret and keeps the id. */
  readonly name: string;
  readonly secret: string;
  /** The header the secret goes into, and what stands before it there, e.g. `authorization` and `Bearer `. */
  readonly slot: { readonly header: string; readonly prefix: string };
  readonly origin: string;
  readonly methods: readonly string[];
  readonly pathPrefix: string;
  /** Who does this, for the ledger. */
  readonly actor?: string;
}

export type CredentialSummary = Omit<CredentialRow, 'sealed'>;

export interface Credentials {
  put(tx: Tx, credential: NewCredential): Promise<CredentialId>;
  drop(tx: Tx, input: { tenant: TenantId; credential: CredentialId; actor?: string }): Promise<boolean>;
  list(tx: Tx, tenant: TenantId): Promise<readonly CredentialSummary[]>;
  /** The secrets themselves, to look for them where they must not be. Whoever holds them shows where, and never what. */
  forSearch(tx: Tx, tenant: TenantId): Promise<readonly SearchedCredential[]>;
}

export interface SearchedCredential {
  readonly name: string;
  readonly secret: SecretString;
}

const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const HEADER = /^[a-z0-9-]{1,64}$/;
const PREFIX = /^[\x20-\x7e]{0,64}$/;
/** Shorter secrets could not be found again in a reply without finding half of everything. */
const SECRET = /^[\x21-\x7e](?:[\x20-\x7e]{6,4094}[\x21-\x7e])$/;
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);
/** Headers that steer the connection or the message can not carry a credential. */
const NO_SLOT: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'content-type',
  'connection',
  'transfer-encoding',
  'accept-encoding',
  'upgrade',
  'te',
  'expect',
]);

function isStorable({ name, secret, slot, origin, methods, pathPrefix }: NewCredential): boolean {
  return (
    NAME.test(name) &&
    SECRET.test(secret) &&
    HEADER.test(slot.header) &&
    !NO_SLOT.has(slot.header) &&
    PREFIX.test(slot.prefix) &&
    !(parseDestination(origin) instanceof Error) &&
    isPathInside(pathPrefix, '/') &&
    !pathPrefix.includes('?') &&
    methods.length > 0 &&
    methods.length <= METHODS.size &&
    methods.every((method) => METHODS.has(method))
  );
}

/** The key of one credential: `subject` of its sealed value. */
const keyOf = (id: CredentialId): string => `credential:${id}`;
export const CREDENTIAL_PURPOSE = 'credential';

export function createCredentials({ keyring, clock, random }: { keyring: Keyring; clock: Clock; random: Random }): Credentials {
  const record = (
    tx: Tx,
    kind: 'stored' | 'dropped',
    tenant: TenantId,
    id: CredentialId,
    actor: string | undefined,
    facts: Partial<NewCredential>,
  ): Promise<void> =>
    appendEvents(tx, [
      makeEvent(
        { clock, random },
        {
          tenant,
          type: `vault.credential.${kind}`,
          actor: actor ?? 'installation',
          subject: id,
          public: {
            ...(facts.name === undefined ? {} : { name: facts.name }),
            ...(facts.origin === undefined ? {} : { origin: facts.origin }),
            ...(facts.methods === undefined ? {} : { methods: [...facts.methods] }),
            ...(facts.slot === undefined ? {} : { header: facts.slot.header }),
          },
        },
      ),
    ]);

  return {
    async put(tx, credential) {
      if (!isStorable(credential)) throw vaultFault('VAULT_CREDENTIAL_INVALID');
      const { tenant, name, origin, methods, pathPrefix, slot } = credential;
      const existing = await findCredential(tx, tenant, { name });
      const id = existing?.id ?? newId('crd', clock, random);
      const plaintext = Buffer.from(credential.secret, 'utf8');
      const sealed = Buffer.from(await keyring.seal(tx, { tenant, subject: keyOf(id), purpose: CREDENTIAL_PURPOSE, plaintext }));
      const row = {
        id,
        name,
        origin,
        methods,
        pathPrefix,
        header: slot.header,
        prefix: slot.prefix,
        sealed,
        changedAt: new Date(clock.now()),
      };
      await saveCredential(tx, tenant, row);
      await record(tx, 'stored', tenant, id, credential.actor, credential);
      return id;
    },

    async drop(tx, { tenant, credential, actor }) {
      const isDropped = await deleteCredential(tx, tenant, credential);
      if (!isDropped) return false;
      await keyring.erase(tx, tenant, [keyOf(credential)]);
      await record(tx, 'dropped', tenant, credential, actor, {});
      return true;
    },

    async list(tx, tenant) {
      const rows = await listCredentials(tx, tenant);
      return rows.map(({ sealed: _sealed, ...summary }) => summary);
    },

    async forSearch(tx, tenant) {
      const found: SearchedCredential[] = [];
      for (const { name, sealed } of await listCredentials(tx, tenant)) {
        const plain = await keyring.open(tx, { tenant, purpose: CREDENTIAL_PURPOSE, sealed });
        found.push({ name, secret: new SecretString(Buffer.from(plain).toString('utf8')) });
        plain.fill(0);
      }
      return found;
    },
  };
}
