// Constructs every room over an open database. This is the wiring, and nothing but the wiring.

import { readFileSync } from 'node:fs';
import { type Approvals, createApprovals } from '#approvals';
import {
  createActorCipher,
  createActorLinks,
  createFileAnchor,
  createKeyRotation,
  createLedger,
  createLedgerSearch,
  createReadRecord,
  createSearchIndexer,
  createSequencer,
  type EpochInput,
  followKeys,
  type KeyRotation,
  type Ledger,
  type LedgerSearch,
  openSigningKeys,
  type ReadRecord,
  type SearchIndexer,
  type Sequencer,
  startEpoch,
} from '#audit';
import { type JsonObject, makeEvent, newId, privilegedTypes, refuse, type SealChangeOf, type TenantId, type Tx } from '#core';
import { createGuessMemo } from '#dlp';
import { createEgress, type Egress, systemResolve } from '#egress';
import {
  type Catalogue,
  type CustomerWatch,
  createAsker,
  createCustomerWatch,
  createDataHits,
  createEffectStore,
  createLateOutcomes,
  createRecovery,
  createRunStore,
  type DataHits,
  type DataMatrix,
  type EffectStore,
  type GuardDeps,
  openCatalogue,
  openDataMatrix,
  openShopGoods,
  type Recovery,
  type RecoveryTiming,
  type ShopGoods,
} from '#enforcement';
import {
  createDatasets,
  createFlows,
  createOptOutSignals,
  createOptOuts,
  type Datasets,
  type FlowRules,
  type Flows,
  type OptOutSignals,
  type OptOuts,
  openFlowRules,
} from '#governance';
import {
  createIdentity,
  createInstanceProof,
  createUsage,
  type Federated,
  type Hooks,
  type Identity,
  type InstanceProof,
  openBundleSigner,
  openHooks,
  type RelyingParty,
  relyingPartyOf,
  type Usage,
} from '#identity';
import { createLimits, type Limits } from '#limits';
import { appendEvents, createEventWriter, type EventWriter } from '#storage';
import { createErasureJournal, createVault, type MayHold, type Vault } from '#vault';
import { findRun, openSegments, type Segments } from '#workflows';
import type { Folders } from '../folders.ts';
import { keyFileOf } from '../key-sealer.ts';
import type { Logger } from '../logger.ts';
import type { Config } from '../settings.ts';
import { systemClock, systemDigest, systemHasher, systemRandom, systemWorld } from '../world.ts';
import { type Agency, openAgency } from './agency.ts';
import { type OpenCanaries, openCanaries } from './canaries.ts';
import { createSealChange } from './change-records.ts';
import type { OpenDatabase } from './database.ts';
import { allEvents } from './event-catalogue.ts';
import { leaseHolders } from './lease-holders.ts';
import { createLeast, type Least } from './least.ts';
import { loadNameLists } from './name-lists.ts';
import { configuredNames } from './names-model.ts';
import { fetchDocument, type Origins, oauthPlace, originsOf } from './origins.ts';
import { loadPolicy } from './policy.ts';
import { providerTransport } from './provider-transport.ts';
import { openSurroundings, type Surroundings } from './surroundings.ts';

export interface Rooms {
  readonly instance: string;
  /** How the processes of this installation know each other. */
  readonly proof: InstanceProof;
  readonly identity: Identity;
  /** Company logins and provisioning. */
  readonly federated: Federated;
  /** The names of both listeners, and who issues tokens. */
  readonly origins: Origins;
  /** Under which address people open the console. */
  readonly relyingParty: () => RelyingParty;
  /** What goes beyond one tenant, or divides it: tenants, workspaces, delegations. */
  readonly agency: Agency;
  /** Who may deliver, by the secret it signs with. */
  readonly hooks: Hooks;
  readonly vault: Vault;
  /** Seals what a person changed, for the event that records it. */
  readonly sealChange: SealChangeOf;
  readonly approvals: Approvals;
  readonly limits: Limits;
  readonly effects: EffectStore;
  readonly catalogue: Catalogue;
  /** What of their access everybody uses. */
  readonly usage: Usage;
  /** Where personal data goes, and whether it may. */
  readonly flows: Flows;
  readonly flowRules: FlowRules;
  /** Who opted out of which use of their data. */
  readonly optOuts: OptOuts;
  /** Opt-outs that come by a signed delivery, or by the signal of a browser. */
  readonly optOutSignals: OptOutSignals;
  readonly datasets: Datasets;
  /** Values that tenants planted, and who watches for them. */
  readonly canaries: OpenCanaries;
  /** What of it could be taken away, and the reviews in which people decide about it. */
  readonly least: Least;
  /** What each workflow may reach, by its approved versions. */
  readonly segments: Segments;
  /** What access depends on beside grants, and how unusual sessions are. */
  readonly surroundings: Surroundings;
  /** Customers for whom calls are refused again and again. */
  readonly customers: CustomerWatch;
  /** Who may see which class of data, and how often each cell decided. */
  readonly dataMatrix: DataMatrix;
  readonly dataHits: DataHits;
  readonly shopGoods: ShopGoods;
  readonly recovery: Recovery;
  readonly ledger: Ledger;
  /** The file with the last checkpoint that was signed on this machine. */
  readonly checkpointFile: string;
  /** The keys that sign the ledger, and the next one. */
  readonly keyRotation: KeyRotation;
  /** Begins a new epoch of the ledger, after a restore. */
  readonly beginEpoch: (tx: Tx, notes: EpochInput) => Promise<void>;
  /** Questions to the ledger; the index that answers them fast; and which of them are on record already. */
  readonly search: LedgerSearch;
  readonly searchIndexer: SearchIndexer;
  readonly reads: ReadRecord;
  readonly sequencer: Sequencer;
  readonly egress: Egress;
  readonly guard: GuardDeps;
  readonly events: EventWriter;
  /** The tenant every installation starts with. */
  readonly tenant: TenantId;
  close(): Promise<void>;
}

export interface RoomsOptions {
  readonly config: Config;
  readonly folders: Folders;
  readonly logger: Logger;
  /** Absent: the times of a real installation. */
  readonly recovery?: RecoveryTiming | undefined;
  /** Our own listeners, known once they listen. */
  readonly ownListeners: () => readonly { readonly host: string; readonly port: number }[];
  /** `host:port` of the demo's own servers while they run. */
  readonly sampleParts?: () => readonly string[];
}

export async function createRooms(open: OpenDatabase, options: RoomsOptions): Promise<Rooms> {
  const { config, folders, logger } = options;
  const names = await configuredNames(config, logger);
  const { database } = open;
  const onFault = (event: string) => (fault: unknown) => logger.error({ event, code: codeOf(fault) });

  // Needs rooms that need the vault; until they are there, nobody holds anything.
  let mayHold: MayHold = async () => refuse('VAULT_CREDENTIAL_NOT_HELD', 'The server is still starting; no credential is given out yet.');
  const vault = await createVault({
    // What it reads by itself is what a call leases; who stores a credential hands it their own transaction.
    db: database.forRoom('gateway'),
    mayHold: (request) => mayHold(request),
    keyFile: keyFileOf(config, folders),
    // Who makes epochs changes rows of every tenant, which the login of a part may not.
    mayKeep: database.holds('installer'),
    journal: createErasureJournal(folders.erasuresFile),
    ...systemWorld,
    onFault: onFault('vault.fault'),
  });
  const relyingParty = (): RelyingParty =>
    relyingPartyOf(config.publicUrl, { port: options.ownListeners()[1]?.port ?? config.controlPort, isTls: config.tlsCertFile !== null });
  const origins = originsOf(config, options.ownListeners);
  const identity = await createIdentity({
    db: database,
    pepper: vault.derive('identity.keys'),
    ...systemWorld,
    relyingParty,
    oauth: {
      place: oauthPlace(origins),
      needsProof: config.requireDpop,
      // Both are made below, and asked for long after.
      fetch: fetchDocument(() => egress),
      integrations: (tenant) => catalogue.list(tenant).map(({ name }) => name),
    },
    onFault: onFault('identity.fault'),
  });
  const federated = identity.federated({ vault, transport: providerTransport(() => egress), origin: () => relyingParty().origin });
  const agency = await openAgency({ db: database, identity, onFault: onFault('directory.fault') });
  const hooks = await openHooks({ db: database, vault, ...systemWorld, onFault: onFault('hooks.fault') });
  const limits = createLimits({
    db: database,
    clock: systemClock,
    random: systemRandom,
    config: { requestsPerMinute: config.requestsPerMinute, tokensPerMinute: config.tokensPerMinute },
  });
  const sealChange = createSealChange(vault);
  const approvals = createApprovals({
    db: database,
    ...systemWorld,
    people: (tx, tenant, on) => agency.peopleWho(tx, tenant, 'approvals.decide', on),
    starterOf: async (tx, tenant, { id, workflow }) => {
      const run = await findRun(tx, tenant, id);
      return run?.workflow === workflow ? run.startedBy : null;
    },
    sealChange,
    sealKey: vault.derive('approvals.decisions'),
    signatures: identity.signatures,
    solo: { delayMs: config.soloDelayMs, perDay: config.soloPerDay },
  });
  const catalogue = await openCatalogue(database, systemClock);
  const dataMatrix = await openDataMatrix(database, systemClock);
  const goodsFault = onFault('shop-goods.fault');
  const shopGoods = await openShopGoods({ read: database, write: database.forRoom('usage'), clock: systemClock, onFault: goodsFault });
  const dataHits = createDataHits({ db: database.forRoom('usage'), clock: systemClock, onFault: onFault('data-hits.fault') });
  const segments = await openSegments({
    database,
    clock: systemClock,
    digest: systemDigest,
    signer: openBundleSigner(folders.workflowKeyFile),
    signatures: identity.signatures,
    onFault: onFault('segments.fault'),
  });
  mayHold = leaseHolders({ catalogue, identity, segments });
  const usage = createUsage({ db: database.forRoom('usage'), clock: systemClock, onFault: onFault('usage.fault') });
  usage.start();
  const least = createLeast({
    ...{ database, catalogue, identity, segments, usage },
    workspacesOf: (tenant, workload) => agency.directory.workspacesOf(tenant, { workload }),
  });
  const nameLists = loadNameLists();
  const optOuts = createOptOuts({ db: database, vault, ...systemWorld });
  const datasets = createDatasets({
    ...{ db: database, vault, optOuts, digest: systemDigest, hasher: systemHasher, ...systemWorld, lists: nameLists },
    limits: { rows: config.datasetRows, bytes: config.datasetBytes },
  });
  const optOutSignals = createOptOutSignals({ db: database, clock: systemClock, optOuts });
  const flowRules = await openFlowRules({ db: database, clock: systemClock, onFault: onFault('flows.fault') });
  const flows = createFlows({
    db: database,
    counting: database.forRoom('usage'),
    rules: flowRules,
    ...systemWorld,
    onFault: onFault('flows.fault'),
  });
  const events = createEventWriter(database);
  const surroundings = await openSurroundings({
    ...{ config, database, identity, events },
    ...systemWorld,
    pepper: vault.derive('identity.risk'),
    onFault: onFault('surroundings.fault'),
  });
  const egress = createEgress({
    resolve: systemResolve,
    clock: systemClock,
    ownAddresses: () => [...options.ownListeners(), open.address],
    allowPrivate: config.allowPrivate,
    ...(options.sampleParts === undefined ? {} : { sampleParts: options.sampleParts }),
    extraAuthorities: config.extraCaFile === null ? [] : [readFileSync(config.extraCaFile, 'utf8')],
  });
  const effects = createEffectStore();
  const instance = newId('run', systemClock, systemRandom).replace('run_', 'proc_');
  const appendIn = appendEvents;
  const effectDeps = { database, effects, limits, execution: approvals, events: { appendIn }, ...systemWorld };
  const ask = createAsker({ ...effectDeps, catalogue, vault, egress, digest: systemDigest, onFault: onFault('recovery.ask') });
  const proof = createInstanceProof(vault.derive('instances'));
  const recovery = createRecovery({
    ...effectDeps,
    instance,
    proof,
    ask,
    onFault: onFault('recovery.fault'),
    ...(options.recovery === undefined ? {} : { timing: options.recovery }),
  });
  const signer = openSigningKeys(folders.auditKeyFile);
  const actors = createActorCipher({ indexKey: vault.derive('audit.actors'), vault });
  const sequencer = createSequencer({
    db: database,
    actors,
    signer,
    anchor: createFileAnchor(folders.anchorFile, signer),
    ...systemWorld,
    onFault: onFault('sequencer.fault'),
  });
  const search = createLedgerSearch({ db: database, links: createActorLinks(actors), privileged: new Set(privilegedTypes(allEvents)) });
  const ledger = createLedger({ db: database, actors, signer, search, ...systemWorld });
  const searchIndexer = createSearchIndexer({ db: database, clock: systemClock, onFault: onFault('search.fault') });
  const beginEpoch = async (tx: Tx, notes: EpochInput): Promise<void> => {
    await followKeys(tx, { signer, clock: systemClock });
    // A state in which nothing was ever sealed has no ledger that could go on; its first epoch begins with its first event.
    await startEpoch(tx, notes, { signer, clock: systemClock }).catch((fault: unknown) => {
      if (codeOf(fault) !== 'AUDIT_NOTHING_SEALED' || notes.restoredAt !== null || notes.lastWitnessed !== null) throw fault;
    });
  };
  const { tenant } = await identity.ensureDefaultTenant();

  const canaries = await openCanaries({ database, vault, events, tenant, onFault: onFault('canaries.fault') });
  const runs = await createRunStore(database, vault.knownValues, instance);

  const late = createLateOutcomes({
    onLost: (call, fault) => logger.error({ event: 'outcome.lost', code: codeOf(fault), call }),
  });
  const customers = createCustomerWatch({
    db: database.forRoom('gateway'),
    ...systemWorld,
    digest: systemDigest,
    onFault: onFault('customers.fault'),
  });
  const guard: GuardDeps = {
    late,
    ...systemWorld,
    digest: systemDigest,
    instance,
    // What a call may change is a short list; its transactions run under a role that holds no more.
    database: database.forRoom('gateway'),
    identity,
    catalogue,
    segments,
    departments: agency.directory,
    customers,
    usage,
    flows,
    dataMatrix,
    dataHits,
    shopGoods,
    guessing: { lists: nameLists, memo: createGuessMemo() },
    names,
    optOuts: { ...optOuts, signalled: optOutSignals.signalled },
    canaries: canaries.watch,
    detector: null,
    policy: loadPolicy(),
    limits,
    approvals,
    vault,
    egress,
    events: { append: events.append, appendSoon: events.appendSoon, appendIn },
    runs,
    effects,
    onFault: (code, call) => logger.error({ event: 'guard.fault', code, call }),
  };
  await recovery.beat();
  return {
    instance,
    proof,
    identity,
    federated,
    origins,
    relyingParty,
    agency,
    hooks,
    vault,
    sealChange,
    approvals,
    limits,
    effects,
    catalogue,
    surroundings,
    customers,
    dataMatrix,
    dataHits,
    shopGoods,
    segments,
    usage,
    flows,
    flowRules,
    optOuts,
    optOutSignals,
    datasets,
    canaries,
    least,
    recovery,
    ledger,
    checkpointFile: folders.anchorFile,
    search,
    searchIndexer,
    reads: createReadRecord(systemWorld),
    beginEpoch,
    keyRotation: createKeyRotation({ db: database, signer, ...systemWorld }),
    sequencer,
    egress,
    guard,
    events,
    tenant,
    close: async () => {
      await names?.close();
      await recovery.stop();
      await late.stop();
      await usage.stop();
      await flows.stop();
      await canaries.stop();
      await customers.stop();
      await dataHits.stop();
      await shopGoods.close();
      await events.close();
      await searchIndexer.stop();
      await sequencer.stop();
      await limits.close();
      await egress.close();
      await catalogue.close();
      await dataMatrix.close();
      await segments.close();
      await runs.close();
      await surroundings.close();
      await hooks.close();
      await agency.close();
      await identity.close();
      await vault.close();
    },
  };
}

export function codeOf(fault: unknown): string {
  const code = (fault as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'BUG';
}

/** Writes events of the whole installation: they stand in the log of the tenant it began with. */
export function tellInstallation({ events, tenant }: Pick<Rooms, 'events' | 'tenant'>) {
  return (type: string, { actor, subject, facts }: { actor: string; subject: string; facts: JsonObject }): Promise<void> =>
    events.append(makeEvent(systemWorld, { tenant, type, actor, subject, public: facts }));
}
