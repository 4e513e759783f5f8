// Workflows over the rooms below them, and the gateway's reading of chat beside them.

import { isRefusal, type JsonObject, type PersonPrincipal, parseId, type RunId, type TenantId, type Tx } from '#core';
import { guard, integrationPlace } from '#enforcement';
import { decodeChat, openaiProtocol } from '#gateway';
import { listDatasets, UNKNOWN_REGION } from '#governance';
import { openBundleSigner } from '#identity';
import { notify } from '#storage';
import {
  createDeliveries,
  createRegistry,
  createRuns,
  createSamples,
  type Deliveries,
  type Delivery,
  type Engine,
  type EngineTiming,
  eraseOldRuns,
  type Registry,
  type RunDeps,
  type Runs,
  type Samples,
  startEngine,
} from '#workflows';
import type { Folders } from '../folders.ts';
import { openHeights } from '../heights.ts';
import type { Logger } from '../logger.ts';
import type { Config } from '../settings.ts';
import { approvedAnswer } from './approval-ports.ts';
import { askPerson } from './ask-person.ts';
import type { OpenDatabase } from './database.ts';
import type { Rooms } from './rooms.ts';

const DAY_MS = 24 * 60 * 60_000;
const RUNS_CHANNEL = 'sallyport_runs';

export interface Workflows {
  readonly registry: Registry;
  readonly samples: Samples;
  readonly runs: Runs;
  readonly deliveries: Deliveries;
  /** Names the key that signs approvals. */
  readonly keyId: string;
  /** Writes the run and begins it. */
  run(person: PersonPrincipal, name: string, input: JsonObject): ReturnType<Runs['start']>;
  /** Writes the runs a signed delivery starts, and begins them. */
  deliver(delivery: Delivery): ReturnType<Deliveries['accept']>;
  /** Erases what runs knew that finished longer ago than the installation keeps it; gives how many. */
  /** `except`: what these tenants keep is not touched. */
  erase(except: readonly TenantId[]): Promise<number>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface WorkflowsOptions {
  readonly folders: Folders;
  readonly logger: Logger;
  readonly config: Pick<Config, 'maxActiveRuns' | 'runRetentionDays'>;
  /** Asked before a version is published. */
  readonly publishGate: NonNullable<RunDeps['publishGate']>;
  /** Absent: the times of a real installation. */
  readonly timing?: EngineTiming | undefined;
}

export function openWorkflows(
  rooms: Rooms,
  open: OpenDatabase,
  { folders, logger, config, publishGate, timing }: WorkflowsOptions,
): Workflows {
  const deps: RunDeps = {
    database: open.database,
    clock: rooms.guard.clock,
    random: rooms.guard.random,
    digest: rooms.guard.digest,
    signer: openBundleSigner(folders.workflowKeyFile),
    signatures: rooms.identity.signatures,
    datasetHash: async (tx, tenant, dataset) => (await listDatasets(tx, tenant)).find(({ name }) => name === dataset)?.hash ?? null,
    publishGate,
    workloads: rooms.identity,
    events: rooms.guard.events,
    sealChange: rooms.sealChange,
    people: (tx, tenant, on) => rooms.agency.peopleWho(tx, tenant, 'workflows.approve', on),
    heights: openHeights(folders.workflowHeightsFile),
    guard: (received, surface) => guard(rooms.guard, received, surface),
    tokens: rooms.identity,
    chat: { decode: decodeChat, protocol: openaiProtocol },
    catalogue: rooms.catalogue,
    regionOf: (tenant, name) => {
      const integration = rooms.catalogue.integration(tenant, name);
      return integration === null ? UNKNOWN_REGION : rooms.flows.regionOf(tenant, integrationPlace(integration));
    },
    vault: rooms.vault,
    approvalState: async (tenant, approval) => rooms.approvals.proven(tenant, approval),
    approvedAnswer: (tenant, approval) => approvedAnswer(rooms, open, tenant, approval),
    askPerson: (tx, question) => askPerson(rooms, tx, question),
  };
  // A run changes runs. What is published, and by whom, is changed by people, through the registry.
  const running: RunDeps = { ...deps, database: open.database.forRoom('workflows') };
  const runs = createRuns(running);
  const deliveries = createDeliveries(running);
  let engine: Engine | null = null;
  // A run whose engine could not be told is found by whichever process leads, within seconds.
  const failed = (): void => logger.error({ event: 'workflow.fault', code: 'WORKFLOWS_ENGINE_FAILED' });
  /** A process that runs none tells those that do. */
  const tell = (tenant: TenantId, run: RunId): Promise<void> =>
    open.database.inTenant(tenant, (tx) => notify(tx, RUNS_CHANNEL, `${tenant} ${run}`));
  const wake = (tenant: TenantId, run: RunId): Promise<void> => (engine?.wake(tenant, run) ?? tell(tenant, run)).catch(failed);
  const shred = (tx: Tx, tenant: TenantId, erased: readonly RunId[]) =>
    rooms.vault.eraseSubjects(tx, { tenant, subjects: erased.map((run) => `run:${run}`) });
  let told: (() => Promise<void>) | null = null;
  /** A word that is lost costs seconds: the run is found by whichever process leads. */
  const hearRuns = async (): Promise<void> => {
    told = await open.database.listen(
      RUNS_CHANNEL,
      (payload) => {
        const [tenant, run] = payload.split(' ');
        const ids = [parseId('ten', tenant), parseId('run', run)] as const;
        if (ids[0] !== null && ids[1] !== null) engine?.wake(ids[0], ids[1]).catch(failed);
      },
      () => {
        told = null;
      },
    );
  };
  return {
    registry: createRegistry(deps),
    samples: createSamples(deps),
    runs,
    deliveries,
    keyId: deps.signer.keyId,
    run: async (person, name, input) => {
      const run = await runs.start(person, name, input);
      if (!isRefusal(run)) await wake(run.tenant, run.id);
      return run;
    },
    deliver: async (delivery) => {
      const delivered = await deliveries.accept(delivery);
      if (!isRefusal(delivered) && delivered.isNew) for (const run of delivered.runs) await wake(delivery.tenant, run);
      return delivered;
    },
    erase: async (except) => {
      if (engine === null) return 0;
      // With its key, in one transaction: a run that is marked as erased is looked at by nobody again, and an older backup would open it.
      return eraseOldRuns({ ...running, database: open.database, shred, engine }, config.runRetentionDays * DAY_MS, except);
    },
    start: async () => {
      engine = await startEngine(running, {
        url: open.url,
        database: open.database.forRoom('workflows'),
        proof: rooms.proof,
        maxActiveRuns: config.maxActiveRuns,
        onFault: (code) => logger.error({ event: 'workflow.fault', code }),
        onTakeover: (count) => logger.warn({ event: 'workflow.takeover', count }),
        timing,
      });
      await hearRuns().catch(failed);
    },
    stop: async () => {
      await told?.();
      await engine?.stop();
      engine = null;
    },
  };
}
