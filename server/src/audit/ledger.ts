// What the rest of Sallyport may ask of the sealed ledger: list, prove one event, export, and erase what may be erased.
// It can not append, change or remove an entry; only the sequencer appends.

import { type Clock, type JsonObject, makeEvent, type Random, type TenantId, type Tx } from '#core';
import { appendEvents, type Database } from '#storage';
import type { ActorCipher } from './actor-cipher.ts';
import { createActorLinks } from './actor-links.ts';
import { type ExportReport, type ExportRequest, exportPack, type PackExport } from './pack/export-pack.ts';
import { writePackFile } from './pack/pack-file.ts';
import { type EventProof, proveEvent } from './prove-event.ts';
import { createLedgerSearch, type LedgerSearch } from './query/query.ts';
import { type CountedFigure, countFigures, type Window } from './query/query-business.ts';
import { createFirstCalls, type FirstCall, type LedgerRun, type LedgerRunQuery, listLedgerRuns } from './query/query-runs.ts';
import type { LedgerSigner } from './signing/ledger-signer.ts';
import { noteWithCosignatures } from './store/cosignatures.ts';
import { deletePayloadsOf, KEY_PREFIX_BYTES } from './store/erase-payloads.ts';
import { listSubjects, newestHead, type SubjectQuery } from './store/read-calls.ts';
import { deletePayload, insertHandout, type LedgerQuery, latestCheckpoint } from './store/read-ledger.ts';
import { type DayTally, type DayWindow, tallyDay } from './tally-day.ts';

export interface LedgerDeps {
  /** Opens the links between pseudonyms and actors. */
  readonly actors: ActorCipher;
  readonly db: Pick<Database, 'inTenant'>;
  readonly signer: LedgerSigner;
  readonly clock: Clock;
  readonly random: Random;
  /** Finds the events of a chosen export. The default knows no privileged types, so it finds none by that. */
  readonly search?: LedgerSearch;
}

export interface LedgerEntry {
  readonly seq: number;
  readonly entry: JsonObject;
}

/** Everything the ledger says about one subject, oldest first; `seq` is its newest event and the cursor of the list. */
export interface SubjectEntry {
  readonly subject: string;
  readonly seq: number;
  readonly events: readonly LedgerEntry[];
}

export interface Ledger {
  /** The key to hand to auditors, over another channel than the exports. */
  readonly verifierKey: string;
  list(tenant: TenantId, filter?: Partial<LedgerQuery>): Promise<readonly LedgerEntry[]>;
  /** The newest subjects of one kind with their events, a page at a time. */
  subjects(tenant: TenantId, filter: SubjectQuery): Promise<readonly SubjectEntry[]>;
  /** The earliest sealed call of a workload, `null` while there is none. */
  firstCall(tenant: TenantId, of: { readonly workload: string; readonly sinceMs: number }): Promise<FirstCall | null>;
  /** Runs that callers from elsewhere named, by their calls, newest first. */
  runs(tenant: TenantId, filter: LedgerRunQuery): Promise<readonly LedgerRun[]>;
  /** What a window of the log says in numbers: calls step by step, refusals by code, money that moved, runs. */
  day(tenant: TenantId, window: DayWindow): Promise<DayTally>;
  /** Every figure of the business in a window, each with the question that finds its events. */
  business(tenant: TenantId, window: Window): Promise<readonly CountedFigure[]>;
  /** The pseudonyms under which somebody stands in the log, as far as the links were not erased. */
  pseudonymsOf(tx: Tx, tenant: TenantId, actor: string): Promise<readonly string[]>;
  /** The same, in a transaction of its own. */
  pseudonyms(tenant: TenantId, actor: string): Promise<readonly string[]>;
  /** Who stands behind pseudonyms of this tenant, as far as the link was not erased: pseudonym to actor. */
  actorsBehind(tenant: TenantId, pseudonyms: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Size and moment of the newest signed checkpoint; unlike `checkpoint`, hands nothing out. */
  head(tenant: TenantId): Promise<{ readonly size: number; readonly signedAtMs: number } | null>;
  prove(tenant: TenantId, seq: number): Promise<EventProof>;
  /** The newest signed checkpoint of the whole ledger, to be looked at; hands nothing out. */
  checkpoint(tenant: TenantId): Promise<string | null>;
  /** A signed checkpoint to be kept somewhere else, the newest when none is named: later exports prove that they continue it. */
  handOut(tenant: TenantId, which?: { readonly epoch: number; readonly size: number }): Promise<string | null>;
  /** A pack as a stream of its bytes. */
  openPack(request: ExportRequest): Promise<PackExport>;
  /** Writes a pack to a new file. */
  exportPack(request: ExportRequest & { readonly path: string }): Promise<ExportReport>;
  /** Removes salt and payload; false when there were none. Every proof stays valid. */
  erasePayload(tx: Tx, request: { tenant: TenantId; seq: number; actor: string }): Promise<boolean>;
  /** Removes payloads and salts sealed under the key that begins them so; how many. Every proof stays valid. */
  erasePayloads(tx: Tx, request: { tenant: TenantId; keyPrefixes: readonly Uint8Array[]; actor: string }): Promise<number>;
  /** Removes the link from an actor to its pseudonym. Its next event gets another one. */
  forgetActor(tx: Tx, request: { tenant: TenantId; forgotten: string; actor: string }): Promise<boolean>;
}

/** One page of the list. */
const MAX_LIST = 500;

function toEntry({ seq, leaf }: { seq: number; leaf: string }): LedgerEntry {
  return { seq, entry: JSON.parse(leaf) as JsonObject };
}

export function createLedger(deps: LedgerDeps): Ledger {
  const links = createActorLinks(deps.actors);
  const search = deps.search ?? createLedgerSearch({ db: deps.db, links, privileged: new Set() });
  const indexed = { search, db: deps.db };
  const firstCall = createFirstCalls(indexed);
  const openPack = (request: ExportRequest): Promise<PackExport> => exportPack(request, { ...deps, search });

  async function record(tx: Tx, tenant: TenantId, event: { type: string; actor: string; public: JsonObject }): Promise<void> {
    await appendEvents(tx, [makeEvent(deps, { ...event, tenant, subject: tenant })]);
  }

  return {
    get verifierKey() {
      return deps.signer.verifierKey;
    },
    async list(tenant, filter = {}) {
      const { before = null, limit = 100, subject = null, type = null, actor = null, tokenised = null } = filter;
      const wanted = Math.min(limit, MAX_LIST);
      const listed: LedgerEntry[] = [];
      for (let below = before; ; ) {
        const page = await search.page(tenant, { subject, type, actor, tokenised }, { before: below, limit: wanted - listed.length });
        listed.push(...page.events.map(({ seq, entry }) => ({ seq, entry })));
        below = page.next;
        if (below === null || listed.length === wanted) return listed;
      }
    },
    async subjects(tenant, filter) {
      const page = { ...filter, limit: Math.min(filter.limit, MAX_LIST) };
      const rows = await deps.db.inTenant(tenant, (tx) => listSubjects(tx, tenant, page));
      return rows.map(({ subject, seq, leaves }) => ({ subject, seq, events: leaves.map(toEntry) }));
    },
    firstCall,
    runs: (tenant, filter) => listLedgerRuns(indexed, tenant, { ...filter, limit: Math.min(filter.limit, MAX_LIST) }),
    day: (tenant, window) => tallyDay(indexed, tenant, window),
    business: (tenant, window) => countFigures(search, tenant, window),
    pseudonymsOf: links.pseudonymsOf,
    pseudonyms: (tenant, actor) => deps.db.inTenant(tenant, (tx) => links.pseudonymsOf(tx, tenant, actor)),
    actorsBehind: (tenant, pseudonyms) => deps.db.inTenant(tenant, (tx) => links.actorsBehind(tx, tenant, pseudonyms)),
    head: (tenant) => deps.db.inTenant(tenant, newestHead),
    prove: (tenant, seq) => deps.db.inTenant(tenant, (tx) => proveEvent(tx, tenant, seq)),
    checkpoint: (tenant) =>
      deps.db.inTenant(tenant, async (tx) => {
        const newest = await latestCheckpoint(tx);
        return newest === null ? null : noteWithCosignatures(tx, newest.epoch, newest.size);
      }),
    handOut: (tenant, which) =>
      deps.db.inTenant(tenant, async (tx) => {
        const { epoch, size } = which ?? (await latestCheckpoint(tx)) ?? { epoch: 0, size: 0 };
        const note = await noteWithCosignatures(tx, epoch, size);
        if (note !== null) await insertHandout(tx, { tenant, epoch, globalSize: size, atMs: deps.clock.now() });
        return note;
      }),
    openPack,
    async exportPack({ path, ...request }) {
      const { report, bytes } = await openPack(request);
      await writePackFile(path, bytes);
      return report;
    },
    async erasePayload(tx, { tenant, seq, actor }) {
      const isErased = await deletePayload(tx, tenant, seq);
      if (isErased) await record(tx, tenant, { type: 'audit.payload.erased', actor, public: { seq } });
      return isErased;
    },
    async erasePayloads(tx, { tenant, keyPrefixes, actor }) {
      if (keyPrefixes.some(({ byteLength }) => byteLength !== KEY_PREFIX_BYTES))
        throw new Error('a sealed value begins with its format and the id of its key');
      const count = await deletePayloadsOf(tx, tenant, keyPrefixes);
      if (count > 0) await record(tx, tenant, { type: 'audit.payloads.erased', actor, public: { count } });
      return count;
    },
    async forgetActor(tx, { tenant, forgotten, actor }) {
      const isForgotten = await links.forget(tx, tenant, forgotten);
      // The event does not name who was forgotten: it would undo what it records.
      if (isForgotten) await record(tx, tenant, { type: 'audit.actor.forgotten', actor, public: {} });
      return isForgotten;
    },
  };
}
