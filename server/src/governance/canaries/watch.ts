// Watches what crosses for planted values: from memory, in one pass over the bytes, for every tenant at once.
// INVARIANT: it never waits, never throws and never changes what crosses; only a canary of the same tenant refuses a call, so that no
// tenant learns from an answer what another one planted.

import { type Clock, createInOrder, type Evidence, type Refusal, type TenantId, type Tx } from '#core';
import { createFinder, type DlpType, type Finder } from '#dlp';
import { type Database, follow } from '#storage';
import { refusal } from '../errors.ts';
import { PLANTED_CHANNEL, readPlantingTenants, readWatched } from '../store/planted.ts';
import type { ValueName } from './invent.ts';
import { openValues, purposeOf } from './sealed-values.ts';
import { formsInCalls } from './spellings.ts';
import type { FindingKind, SightingKind, WatchedCanary, Way } from './types.ts';

/** Where something crosses, and in whose name. */
export interface Crossing {
  readonly tenant: TenantId;
  readonly integration: string;
  readonly way: Way;
  /** Whom a message that leaves is for, where that is known. */
  readonly customer?: string | null;
  /** Whether the tenant's own rules let this type through in clear. */
  readonly isClear?: (type: DlpType) => boolean;
}

export type Piece = Uint8Array | string;

export interface CanaryWatch {
  /** What leaves, and what it was made of: a value in the second and not in the first was protected. */
  leaving(crossing: Crossing, outgoing: readonly Piece[], madeOf?: readonly Piece[]): Refusal | null;
  /** What came from there, whole. */
  arriving(crossing: Crossing, piece: Piece): void;
  /** For what arrives in pieces, as a stream does; null while there is nothing to watch for. */
  reader(crossing: Crossing): ((piece: Piece) => void) | null;
  /** Of a tenant's own canaries, those whose values a text holds. */
  find(tenant: TenantId, text: Piece): readonly { readonly canary: string; readonly value: ValueName }[];
  /** Those of every tenant, for the search of our own files. */
  watched(): readonly WatchedCanary[];
  /** Changes can not be heard, or what this tenant planted could not be read: what was planted or retired since is not known. */
  isLost(tenant: TenantId): boolean;
  refresh(tenant: TenantId): Promise<void>;
  close(): Promise<void>;
}

export interface WatchSink {
  found(
    owner: TenantId,
    found: { canary: string; value: ValueName; kind: FindingKind; way: Way; at: string; refused: boolean; by: TenantId },
  ): void;
  seen(owner: TenantId, seen: { canary: string; what: SightingKind; at: string }): void;
}

type OpenSealed = (
  tx: Tx,
  value: { readonly tenant: TenantId; readonly purpose: string; readonly sealed: Uint8Array },
) => Promise<Uint8Array>;

export interface WatchDeps {
  /** Who has planted is read over all tenants, what they planted under each one's own wall. */
  readonly db: Pick<Database, 'asSystem' | 'listen' | 'inTenant'>;
  readonly open: OpenSealed;
  readonly sink: WatchSink;
  readonly clock: Clock;
  readonly onFault: (fault: unknown) => void;
}

export const TYPES: Readonly<Record<ValueName, DlpType>> = {
  name: 'PERSON',
  email: 'EMAIL',
  phone: 'PHONE',
  street: 'STREET_ADDRESS',
  card: 'CARD',
  iban: 'IBAN',
  secret: 'SECRET',
};
/** Numbers of a range of ten thousand: one that comes from elsewhere may be somebody else's invention. */
const isWeak = (value: ValueName): boolean => value === 'phone';

interface Entry {
  readonly bytes: Uint8Array;
  readonly tenant: TenantId;
  readonly canary: WatchedCanary;
  readonly value: ValueName;
}

const FEED_GRACE_MS = 5_000;

export async function openCanaryWatch({ db, open, sink, clock, onFault }: WatchDeps): Promise<CanaryWatch> {
  let byTenant = new Map<TenantId, readonly WatchedCanary[]>();
  let finder: Finder<Entry> | null = null;
  let isClosed = false;
  const { run, idle } = createInOrder();
  const inOrder = (work: () => Promise<void>): Promise<void> => run(() => (isClosed ? undefined : work()));

  const readOne = (tenant: TenantId): Promise<readonly WatchedCanary[]> => readPlantedOf(db, open, tenant);
  function rebuild(): void {
    const entries = [...byTenant.values()]
      .flat()
      .flatMap((canary) =>
        (Object.entries(canary.values) as [ValueName, string][]).flatMap(([value, text]) =>
          formsInCalls(value, text).map((bytes): Entry => ({ bytes, tenant: canary.tenant, canary, value })),
        ),
      );
    finder = entries.length === 0 ? null : createFinder(entries);
  }
  const reload = (): Promise<void> =>
    inOrder(async () => {
      const next = new Map<TenantId, readonly WatchedCanary[]>();
      // One tenant whose keys do not open costs the others nothing.
      for (const tenant of await readPlantingTenants(db)) next.set(tenant, (await read(tenant)) ?? byTenant.get(tenant) ?? []);
      byTenant = next;
      rebuild();
    });
  const unread = new Set<TenantId>();
  /** Null when it can not be read: what was known of it is watched for as before. */
  async function read(tenant: TenantId): Promise<readonly WatchedCanary[] | null> {
    try {
      const canaries = await readOne(tenant);
      unread.delete(tenant);
      return canaries;
    } catch (fault) {
      unread.add(tenant);
      onFault(fault);
      return null;
    }
  }
  const refresh = (tenant: TenantId): Promise<void> =>
    inOrder(async () => {
      const canaries = await read(tenant);
      if (canaries === null) return;
      if (canaries.length === 0) byTenant.delete(tenant);
      else byTenant.set(tenant, canaries);
      rebuild();
    });
  const feed = await follow({ db, clock, channel: PLANTED_CHANNEL, hear: (payload) => refresh(payload as TenantId), reload, onFault });

  /** What of which canary is in there, each once. */
  function hitsIn(pieces: readonly Piece[]): ReadonlyMap<string, Entry> {
    const hits = new Map<string, Entry>();
    if (finder === null) return hits;
    for (const piece of pieces) {
      const read = finder.read((entry) => hits.set(`${entry.canary.id} ${entry.value}`, entry));
      read(piece);
      const plain = unescaped(piece);
      if (plain !== null) finder.read((entry) => hits.set(`${entry.canary.id} ${entry.value}`, entry))(plain);
    }
    return hits;
  }

  const isHome = ({ place, knownAt }: WatchedCanary, integration: string): boolean =>
    (place.kind === 'integration' && place.name === integration) || knownAt.includes(integration);

  function note({ canary, value }: Entry, { tenant, integration, way }: Crossing, kind: FindingKind, refused: boolean): void {
    sink.found(canary.tenant, { canary: canary.id, value, kind, way, at: integration, refused, by: tenant });
  }
  const saw = ({ canary }: Entry, { integration }: Crossing, what: SightingKind): void =>
    sink.seen(canary.tenant, { canary: canary.id, what, at: integration });

  /** Told to the owner without saying whose traffic it was. */
  function noteElsewhere(entry: Entry, crossing: Crossing): void {
    if (!isWeak(entry.value))
      sink.found(entry.tenant, {
        canary: entry.canary.id,
        value: entry.value,
        kind: 'other_tenant',
        way: crossing.way,
        at: '',
        refused: false,
        by: crossing.tenant,
      });
  }

  /** Whether this one leaves as it may: to where it is kept, and not to another customer. */
  function mayLeave(entry: Entry, crossing: Crossing): SightingKind | null {
    const { canary, value } = entry;
    if (crossing.isClear?.(TYPES[value]) === true) return 'clear';
    if (crossing.way === 'model' || !isHome(canary, crossing.integration)) return null;
    const { customer } = canary.place;
    const isOther = customer !== null && crossing.customer != null && crossing.customer !== customer;
    return isOther ? null : 'home';
  }

  function arrived(entry: Entry, crossing: Crossing): void {
    if (entry.tenant !== crossing.tenant) noteElsewhere(entry, crossing);
    else if (crossing.isClear?.(TYPES[entry.value]) === true) saw(entry, crossing, 'clear');
    else if (crossing.way !== 'model' && isHome(entry.canary, crossing.integration)) saw(entry, crossing, 'home');
    else if (!isWeak(entry.value)) note(entry, crossing, 'came_back', false);
  }

  return {
    leaving: (crossing, outgoing, madeOf = []) => {
      if (finder === null) return null;
      const left = hitsIn(outgoing);
      let refused: Evidence | null = null;
      for (const entry of left.values()) {
        if (entry.tenant !== crossing.tenant) {
          noteElsewhere(entry, crossing);
          continue;
        }
        const fits = mayLeave(entry, crossing);
        if (fits !== null) {
          saw(entry, crossing, fits);
          continue;
        }
        const isRefused = entry.canary.onLeak === 'refuse';
        note(entry, crossing, 'left', isRefused);
        if (isRefused) refused = { destination: crossing.way, integration: crossing.integration };
      }
      for (const [key, entry] of madeOf.length === 0 ? [] : hitsIn(madeOf)) {
        if (left.has(key)) continue;
        if (entry.tenant === crossing.tenant) saw(entry, crossing, 'protected');
        else noteElsewhere(entry, crossing);
      }
      return refused === null ? null : refusal('GOVERNANCE_UNPROTECTED_VALUE', refused);
    },
    arriving: (crossing, piece) => {
      if (finder !== null) for (const entry of hitsIn([piece]).values()) arrived(entry, crossing);
    },
    reader: (crossing) => {
      if (finder === null) return null;
      const told = new Set<string>();
      return finder.read((entry) => {
        const key = `${entry.canary.id} ${entry.value}`;
        if (told.has(key)) return;
        told.add(key);
        arrived(entry, crossing);
      });
    },
    find: (tenant, text) =>
      [...hitsIn([text]).values()].filter((entry) => entry.tenant === tenant).map(({ canary, value }) => ({ canary: canary.id, value })),
    watched: () => [...byTenant.values()].flat(),
    isLost: (tenant) => isClosed || unread.has(tenant) || (feed.lostAtMs !== null && clock.now() - feed.lostAtMs > FEED_GRACE_MS),
    refresh,
    close: async () => {
      isClosed = true;
      await feed.close();
      await idle();
    },
  };
}

function readPlantedOf(db: Pick<Database, 'inTenant'>, open: OpenSealed, tenant: TenantId): Promise<readonly WatchedCanary[]> {
  return db.inTenant(tenant, async (tx) => {
    const found: WatchedCanary[] = [];
    for (const { canary, sealed } of await readWatched(tx, tenant)) {
      const plaintext = await open(tx, { tenant, purpose: purposeOf(canary.id), sealed });
      found.push({ ...canary, tenant, values: openValues(plaintext) });
    }
    return found;
  });
}

/** Every planted value of every tenant; for who searches while no watch runs. */
export async function readPlanted(db: Pick<Database, 'asSystem' | 'inTenant'>, open: OpenSealed): Promise<readonly WatchedCanary[]> {
  const found: WatchedCanary[] = [];
  for (const tenant of await readPlantingTenants(db)) found.push(...(await readPlantedOf(db, open, tenant)));
  return found;
}

const BACKSLASH = 0x5c;
const LETTER_U = 0x75;

/** The same text with its `\u` escapes read, where there are any: they say the same to whoever gets it. */
function unescaped(piece: Piece): string | null {
  const hasEscape = typeof piece === 'string' ? piece.includes('\\u') : hasPair(piece);
  if (!hasEscape) return null;
  const text = typeof piece === 'string' ? piece : Buffer.from(piece).toString('utf8');
  return text.replace(/\\u([0-9a-fA-F]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

function hasPair(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(BACKSLASH); at !== -1; at = bytes.indexOf(BACKSLASH, at + 1)) if (bytes[at + 1] === LETTER_U) return true;
  return false;
}
