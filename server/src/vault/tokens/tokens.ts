// Tokens at rest: random names for values, for one declared purpose each. Equal values have equal tokens within a purpose, so that records join;
// between purposes and tenants none do. INVARIANTS: a token says nothing of its value; a card is never kept; a value opens only for whoever the
// purpose was declared for, counted and on record; erasing its person, or ending its purpose, is the end of it.

import { type Clock, type DataClass, makeEvent, newId, type Random, type Refusal, type SealChange, type TenantId, type Tx } from '#core';
import { detect } from '#dlp';
import { appendEvents } from '#storage';
import type { ErasureJournal } from '../erasure-journal.ts';
import type { Keyring } from '../keyring.ts';
import {
  addOpening,
  addTokens,
  findByToken,
  findByValue,
  openedSince,
  queuePurpose,
  sharePurpose,
  type TokenRow,
} from '../store/tokens.ts';
import { createClaims } from './claim.ts';
import { ownSubject, tokenForm, tokenKind } from './forms.ts';
import { createHeldTokens, type HeldTokens } from './held-tokens.ts';
import { createPurposes, purposeKey, type TokenPurposes } from './purposes.ts';
import { refusal } from './refusal.ts';
import { standIn } from './stand-in.ts';

/** A card number is not kept whatever it is called. */
const holdsCard = (value: string): boolean => detect(value).some(({ type }) => type === 'CARD');

export interface TokenValue {
  readonly dataClass: DataClass;
  readonly value: string;
  /** Whose it is, as an erasure names them; null: whoever the value itself names, or nobody. */
  readonly subject: string | null;
  /** In the form of the class, for what takes nothing else. */
  readonly hasForm?: boolean;
}

export interface OpenedToken {
  readonly token: string;
  readonly dataClass: DataClass | null;
  /** Null when it does not open; then `code` says why. */
  readonly value: string | null;
  readonly code: 'VAULT_TOKEN_UNKNOWN' | 'VAULT_TOKEN_GONE' | 'VAULT_TOKEN_IRREVERSIBLE' | null;
}

export interface Opener {
  readonly person: string;
  readonly roles: readonly string[];
  readonly seal: SealChange;
}

export interface Tokens {
  readonly purposes: TokenPurposes;
  /** For export, erasure and retention. */
  readonly held: HeldTokens;
  /** One token for each value, in their order. */
  make(
    tx: Tx,
    input: { readonly tenant: TenantId; readonly purpose: string; readonly values: readonly TokenValue[] },
  ): Promise<readonly string[] | Refusal>;
  open(
    tx: Tx,
    input: {
      readonly tenant: TenantId;
      readonly purpose: string;
      readonly tokens: readonly string[];
      readonly by: Opener;
      readonly reason: string;
    },
  ): Promise<readonly OpenedToken[] | Refusal>;
}

export interface TokensDeps {
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly random: Random;
  readonly journal: ErasureJournal | undefined;
}

export const MAX_TOKENS_MADE = 500;
/** Values in one opening, and of one purpose by one person in an hour: enough for a case, too few to carry a list away. */
export const MAX_TOKENS_OPENED = 50;
export const MAX_OPENED_AN_HOUR = 500;
export const MAX_TOKEN_CHARS = 200;
const HOUR_MS = 60 * 60_000;
const MAX_VALUE_CHARS = 4_096;
const ID_BYTES = 16;
const ID = /^([a-z_]{1,40})_([A-Za-z0-9_-]{22})$/;
/** Stand-ins of phone numbers are few; so often is a free one looked for. */
const DRAWS = 24;

const tokenOf = (row: Pick<TokenRow, 'id' | 'dataClass' | 'standIn'>): string => row.standIn ?? `${row.dataClass}_${row.id}`;
const placeOf = (dataClass: string, blind: Buffer): string => `${dataClass} ${blind.toString('base64url')}`;
/** What a sealed value is bound to besides its keys: put into another row it does not open. */
export const boundTo = ({
  purpose,
  dataClass,
  id,
  blind,
  standIn,
}: Pick<TokenRow, 'purpose' | 'dataClass' | 'id' | 'blind' | 'standIn'>): string =>
  `tokens.${purpose}/${dataClass}/${id}/${blind?.toString('base64url') ?? ''}/${standIn ?? ''}`;

export const subjectOfToken = ({ dataClass, value, subject }: Pick<TokenValue, 'dataClass' | 'value' | 'subject'>): string | null =>
  subject ?? ownSubject(dataClass, value);

export function createTokens(deps: TokensDeps): Tokens {
  const { keyring, clock, random } = deps;
  const claim = createClaims({ ...deps, within: purposeKey, boundTo });

  interface Wanted {
    readonly value: TokenValue;
    readonly blind: Buffer | null;
  }

  /** The hashes of the values that have one; one key for each class, and one more for stand-ins. */
  async function hashed(tx: Tx, tenant: TenantId, purpose: string, values: readonly TokenValue[]): Promise<readonly Wanted[]> {
    const keys = new Map<string, (text: string) => Buffer>();
    const out: Wanted[] = [];
    for (const value of values) {
      if (tokenKind(value.dataClass) !== 'stable') {
        out.push({ value, blind: null });
        continue;
      }
      const use = `tokens/${purpose}/${value.dataClass}/${value.hasForm === true ? 'form' : 'name'}`;
      const hash = keys.get(use) ?? (await keyring.indexFor(tx, tenant, use));
      keys.set(use, hash);
      out.push({ value, blind: hash(tokenForm(value.dataClass, value.value)) });
    }
    return out;
  }

  async function sealed(tx: Tx, tenant: TenantId, purpose: string, wanted: readonly Wanted[]): Promise<Omit<TokenRow, 'endedAt'>[]> {
    const madeAt = new Date(clock.now());
    const rows = wanted.map(({ value, blind }) => {
      const { dataClass } = value;
      const form = value.hasForm === true ? standIn(dataClass, random) : null;
      const id = Buffer.from(random.bytes(ID_BYTES)).toString('base64url');
      return { value, row: { id, purpose, dataClass, blind, standIn: form, madeAt } };
    });
    const kept = rows.filter(({ row }) => tokenKind(row.dataClass) !== 'gone');
    const under = await keyring.sealMany(tx, {
      tenant,
      within: purposeKey(purpose),
      values: kept.map(({ value, row }) => {
        const subject = subjectOfToken(value);
        return { subject, purpose: boundTo(row), plaintext: Buffer.from(JSON.stringify([subject, value.value]), 'utf8') };
      }),
    });
    const owners = new Map<string, string>();
    for (const { value } of kept) {
      const subject = subjectOfToken(value);
      if (subject !== null && !owners.has(subject)) owners.set(subject, await keyring.blindIndex(tx, tenant, 'subject', subject));
    }
    const at = new Map(kept.map(({ row }, nth) => [row.id, under[nth]]));
    return rows.map(({ value, row }) => {
      const one = at.get(row.id);
      const subject = one === undefined ? null : subjectOfToken(value);
      const bytes = one === undefined ? null : Buffer.from(one.sealed);
      return { ...row, owner: subject === null ? null : (owners.get(subject) ?? null), subjectKey: one?.key ?? null, sealed: bytes };
    });
  }

  async function make(tx: Tx, tenant: TenantId, purpose: string, values: readonly TokenValue[]): Promise<readonly string[] | Refusal> {
    const wanted = await hashed(tx, tenant, purpose, values);
    const known = new Map<string, string>();
    const found = new Map<string, TokenRow>();
    const look = async (): Promise<void> => {
      const asked = wanted.flatMap(({ value, blind }) => (blind === null ? [] : [{ dataClass: value.dataClass, blind }]));
      if (asked.length === 0) return;
      for (const row of await findByValue(tx, tenant, purpose, asked))
        if (row.blind !== null) {
          known.set(placeOf(row.dataClass, row.blind), tokenOf(row));
          found.set(placeOf(row.dataClass, row.blind), row);
        }
    };
    await look();
    const claims = wanted.flatMap(({ value, blind }) => {
      const row = blind === null ? undefined : found.get(placeOf(value.dataClass, blind));
      return row === undefined || value.subject === null ? [] : [{ row, value: value.value, subject: value.subject }];
    });
    await claim(tx, tenant, purpose, [...new Map(claims.toReversed().map((one) => [one.row.id, one])).values()]);
    const given: (string | null)[] = wanted.map(() => null);
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const missing = new Map<string, number>();
      for (const [at, { value, blind }] of wanted.entries()) {
        given[at] ??= blind === null ? null : (known.get(placeOf(value.dataClass, blind)) ?? null);
        const place = blind === null ? `#${at}` : placeOf(value.dataClass, blind);
        // Of several writings in one call the first is the one that is kept.
        if (given[at] === null && !missing.has(place)) missing.set(place, at);
      }
      if (missing.size === 0) return given as string[];
      // In one order, so that two who make the same tokens wait for each other and never in a circle.
      const places = [...missing.keys()].sort();
      const rows = await sealed(
        tx,
        tenant,
        purpose,
        places.map((place) => wanted[missing.get(place) as number] as Wanted),
      );
      const added = await addTokens(tx, tenant, rows);
      for (const [nth, place] of places.entries()) {
        const row = rows[nth] as (typeof rows)[number];
        if (!added.has(row.id)) continue;
        if (row.blind === null) given[missing.get(place) as number] = tokenOf(row);
        else known.set(place, tokenOf(row));
      }
      // Somebody else was first with these.
      if (added.size < rows.length) await look();
    }
    return refusal('VAULT_TOKEN_FORM_FULL', { purpose });
  }

  async function opened(tx: Tx, tenant: TenantId, purpose: string, tokens: readonly string[]): Promise<OpenedToken[]> {
    const ids = tokens.flatMap((token) => ID.exec(token)?.[2] ?? []);
    const rows = await findByToken(tx, tenant, purpose, { ids, standIns: [...tokens] });
    const byToken = new Map(rows.map((row) => [tokenOf(row), row]));
    const live = rows.filter(({ sealed }) => sealed !== null);
    const plain = await keyring.openEach(
      tx,
      tenant,
      live.map((row) => ({ purpose: boundTo(row), sealed: row.sealed as Buffer })),
    );
    const values = new Map(live.map(({ id }, nth) => [id, plain[nth] ?? null]));
    return tokens.map((token): OpenedToken => {
      const row = byToken.get(token);
      if (row === undefined) return { token, dataClass: null, value: null, code: 'VAULT_TOKEN_UNKNOWN' };
      const { dataClass } = row;
      if (tokenKind(dataClass) === 'gone') return { token, dataClass, value: null, code: 'VAULT_TOKEN_IRREVERSIBLE' };
      const bytes = values.get(row.id) ?? null;
      if (bytes === null) return { token, dataClass, value: null, code: 'VAULT_TOKEN_GONE' };
      return { token, dataClass, value: (JSON.parse(Buffer.from(bytes).toString('utf8')) as [string | null, string])[1], code: null };
    });
  }

  return {
    purposes: createPurposes(deps),
    held: createHeldTokens(deps, boundTo),
    async make(tx, { tenant, purpose, values }) {
      const declared = await sharePurpose(tx, tenant, purpose);
      if (declared === null) return refusal('VAULT_TOKEN_PURPOSE_UNKNOWN', { purpose });
      if (declared.endedAt !== null) return refusal('VAULT_TOKEN_PURPOSE_ENDED', { purpose });
      const undeclared = values.find(({ dataClass }) => !declared.classes.includes(dataClass));
      if (undeclared !== undefined) return refusal('VAULT_TOKEN_CLASS', { purpose, dataClass: undeclared.dataClass });
      const unfit = values.find(({ value, subject }) => value.trim() === '' || value.length > MAX_VALUE_CHARS || subject === '');
      if (unfit !== undefined) return refusal('VAULT_TOKEN_VALUE', { dataClass: unfit.dataClass });
      const card = values.find(({ dataClass, value }) => tokenKind(dataClass) !== 'gone' && holdsCard(value));
      if (card !== undefined) return refusal('VAULT_TOKEN_CARD', { dataClass: card.dataClass });
      const formless = values.find(({ dataClass, hasForm }) => hasForm === true && standIn(dataClass, random) === null);
      if (formless !== undefined) return refusal('VAULT_TOKEN_FORM', { dataClass: formless.dataClass });
      return make(tx, tenant, purpose, values);
    },
    async open(tx, { tenant, purpose, tokens, by, reason }) {
      const declared = await queuePurpose(tx, tenant, purpose);
      if (declared === null) return refusal('VAULT_TOKEN_PURPOSE_UNKNOWN', { purpose });
      const isOpener = declared.openers.some((who) => who === by.person || by.roles.some((role) => who === `role:${role}`));
      if (!isOpener) return refusal('VAULT_TOKEN_NOT_OPENER', { purpose, openers: [...declared.openers] });
      if (declared.endedAt !== null) return refusal('VAULT_TOKEN_PURPOSE_ENDED', { purpose });
      const atMs = clock.now();
      const before = await openedSince(tx, tenant, { purpose, person: by.person, since: new Date(atMs - HOUR_MS) });
      if (before + tokens.length > MAX_OPENED_AN_HOUR)
        return refusal('VAULT_TOKEN_TOO_MANY', { purpose, opened: before, limit: MAX_OPENED_AN_HOUR });
      const answers = await opened(tx, tenant, purpose, tokens);
      const id = newId('tko', clock, random);
      // What was asked for counts, found or not: guessing names is no cheaper.
      await addOpening(tx, tenant, { id, purpose, person: by.person, opened: tokens.length, at: new Date(atMs) });
      const count = answers.filter(({ value }) => value !== null).length;
      const facts = { opening: id, purpose, asked: tokens.length, opened: count };
      const event = makeEvent(deps, {
        ...{ tenant, type: 'vault.token.opened', actor: by.person, subject: `token_purpose:${purpose}`, public: facts },
        sealed: await by.seal(tx, { before: null, after: { reason, tokens: [...tokens] } }),
      });
      await appendEvents(tx, [event]);
      return answers;
    },
  };
}
