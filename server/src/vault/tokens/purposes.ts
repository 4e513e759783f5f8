// What tokens are for: declared with the classes of data it covers, who may open them, and how long they are kept. Ending a purpose destroys
// the key that all its values are sealed under besides, and its rows.

import { type Clock, type DataClass, makeEvent, type Random, type Refusal, type SealChange, type TenantId, type Tx } from '#core';
import { appendEvents } from '#storage';
import type { ErasureJournal } from '../erasure-journal.ts';
import type { Keyring } from '../keyring.ts';
import {
  countPurposes,
  dropPurpose,
  endTokensOfKeys,
  findPurpose,
  holdPurpose,
  listPurposes,
  type PurposeCounts,
  putPurpose,
} from '../store/tokens.ts';
import { tokenKind } from './forms.ts';
import { refusal } from './refusal.ts';

export interface PurposeBy {
  readonly tenant: TenantId;
  readonly actor: string;
  readonly seal: SealChange;
}

export interface NewPurpose {
  readonly name: string;
  readonly classes: readonly DataClass[];
  readonly openers: readonly string[];
  readonly keepDays: number;
}

export interface TokenPurposes {
  /** Declares it, or changes what was declared; a purpose that was ended begins anew, with nothing. */
  declare(tx: Tx, by: PurposeBy, purpose: NewPurpose): Promise<PurposeCounts | Refusal>;
  /** The same where nobody declares it: one that stands is left as it is, but for classes it does not cover yet; one that was ended is refused. */
  ensure(tx: Tx, by: Omit<PurposeBy, 'seal'>, purpose: NewPurpose): Promise<null | Refusal>;
  list(tx: Tx, tenant: TenantId): Promise<readonly PurposeCounts[]>;
  /** How many tokens there were. */
  end(tx: Tx, by: PurposeBy, name: string): Promise<number | Refusal>;
}

export const PURPOSE_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;
const MAX_PURPOSES = 200;

export const purposeKey = (name: string): string => `token_purpose:${name}`;

interface PurposesDeps {
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly random: Random;
  readonly journal: ErasureJournal | undefined;
}

export function createPurposes(deps: PurposesDeps): TokenPurposes {
  const { keyring, clock, journal } = deps;

  async function put(tx: Tx, { tenant, actor }: Omit<PurposeBy, 'seal'>, purpose: NewPurpose): Promise<null | Refusal> {
    const refused = purpose.classes.find((dataClass) => tokenKind(dataClass) === 'refused');
    if (refused !== undefined) return refusal('VAULT_TOKEN_CLASS', { purpose: purpose.name, dataClass: refused });
    const held = await holdPurpose(tx, tenant, purpose.name);
    if ((held === null || held.endedAt !== null) && (await countPurposes(tx, tenant)) >= MAX_PURPOSES)
      return refusal('VAULT_TOKEN_PURPOSES_FULL', { limit: MAX_PURPOSES });
    const keyId = await keyring.keyIdOf(tx, tenant, purposeKey(purpose.name));
    await putPurpose(tx, tenant, { ...purpose, keyId, declaredAt: new Date(clock.now()), declaredBy: actor });
    return null;
  }

  const record = (tx: Tx, by: Omit<PurposeBy, 'seal'>, type: string, name: string, facts: object, sealed: Uint8Array | null) =>
    appendEvents(tx, [
      makeEvent(deps, {
        ...{ tenant: by.tenant, type: `vault.token.${type}`, actor: by.actor, subject: `token_purpose:${name}` },
        ...{ public: facts as never, sealed },
      }),
    ]);

  return {
    async declare(tx, by, purpose) {
      const before = await findPurpose(tx, by.tenant, purpose.name);
      const refused = await put(tx, by, purpose);
      if (refused !== null) return refused;
      const told = ({ classes, openers, keepDays }: NewPurpose) => ({ classes: [...classes], openers: [...openers], keepDays });
      const was = before === null || before.endedAt !== null ? null : told(before);
      const sealed = await by.seal(tx, { before: was, after: told(purpose) });
      const facts = { purpose: purpose.name, ...told(purpose), changed: was !== null };
      await record(tx, by, 'purpose_declared', purpose.name, facts, sealed);
      const now = (await listPurposes(tx, by.tenant)).find(({ name }) => name === purpose.name);
      return now ?? refusal('VAULT_TOKEN_PURPOSE_UNKNOWN', { purpose: purpose.name });
    },
    async ensure(tx, by, purpose) {
      const held = await findPurpose(tx, by.tenant, purpose.name);
      // What a person ended, nobody but a person declares again.
      if (held !== null && held.endedAt !== null) return refusal('VAULT_TOKEN_PURPOSE_ENDED', { purpose: purpose.name });
      const missing = purpose.classes.filter((dataClass) => held?.classes.includes(dataClass) !== true);
      if (held !== null && missing.length === 0) return null;
      const { openers, keepDays } = held ?? purpose;
      const classes = held === null ? purpose.classes : [...held.classes, ...missing];
      const refused = await put(tx, by, { name: purpose.name, classes, openers, keepDays });
      if (refused !== null) return refused;
      const facts = { purpose: purpose.name, classes: [...classes], openers: [...openers], keepDays, changed: held !== null };
      await record(tx, by, 'purpose_declared', purpose.name, facts, null);
      return null;
    },
    list: listPurposes,
    async end(tx, by, name) {
      const { tenant } = by;
      const held = await holdPurpose(tx, tenant, name);
      if (held === null) return refusal('VAULT_TOKEN_PURPOSE_UNKNOWN', { purpose: name });
      if (held.endedAt !== null) return refusal('VAULT_TOKEN_PURPOSE_ENDED', { purpose: name });
      const at = new Date(clock.now());
      const tokens = await dropPurpose(tx, tenant, name, at);
      const keys = await keyring.erase(tx, tenant, [purposeKey(name)]);
      await endTokensOfKeys(tx, tenant, keys, at);
      if (keys.length > 0) await journal?.append(keys.map((key) => ({ tenant, key, atMs: at.getTime() })));
      await record(tx, by, 'purpose_ended', name, { purpose: name, tokens }, await by.seal(tx, { before: { tokens }, after: null }));
      return tokens;
    },
  };
}
