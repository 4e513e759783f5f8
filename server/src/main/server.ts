// One running Sallyport: database, rooms, listeners, in the order in which they need each other, and back in reverse.

import { type ControlPorts, type ControlServer, createControlServer } from '#control';
import { refuse } from '#core';
import { type GuardDeps, guard, listModels, type RecoveryTiming } from '#enforcement';
import { createGateway } from '#gateway';
import { openBundleSigner } from '#identity';
import { readRestore } from '#storage';
import type { EngineTiming } from '#workflows';
import { type Backups, backupsElsewhere, createBackups } from './backup/backups.ts';
import { createDepartures } from './backup/departures.ts';
import { createRestoreGate } from './backup/gate.ts';
import { planOf } from './backup/plan.ts';
import { provideCliCredential } from './cli-credential.ts';
import { allCodes } from './codes.ts';
import { type Accountability, openAccountability } from './compose/accountability.ts';
import { type Alerting, createAlerting } from './compose/alerting.ts';
import { approvalResult } from './compose/approval-ports.ts';
import { createExecutor } from './compose/approve.ts';
import { backupPorts } from './compose/backup-ports.ts';
import { watchClock } from './compose/clock-watch.ts';
import { controlPorts } from './compose/control-ports.ts';
import { createDataKeys } from './compose/data-keys.ts';
import { type OpenDatabase, openDatabase } from './compose/database.ts';
import { createFailedSignIns, notingKeys, notingRefusals } from './compose/failed-sign-ins.ts';
import { gatewayHooks } from './compose/hook-ports.ts';
import { createHousekeeping } from './compose/housekeeping.ts';
import { createLeakSearch, type LeakSearch } from './compose/leak-search.ts';
import { openLedgerKeeper } from './compose/ledger-keeper.ts';
import { plainTextPorts } from './compose/plain-text-ports.ts';
import { type OpenRights, openRights } from './compose/rights.ts';
import { codeOf, createRooms, type Rooms, tellInstallation } from './compose/rooms.ts';
import { sealedPlaces } from './compose/sealed-columns.ts';
import { visitPorts } from './compose/tenant-ports.ts';
import { openWorkflows, type Workflows } from './compose/workflows.ts';
import { DEMO_PACE_MS } from './demo/arrivals.ts';
import { createDemo, type Demo } from './demo/demo.ts';
import { type Folders, prepareFolders } from './folders.ts';
import { checkListeners, listenFault } from './listeners.ts';
import type { Logger } from './logger.ts';
import { elsewhere, isWhole, refuseUnkeptSchedule, servesOf } from './serves.ts';
import type { Config } from './settings.ts';
import { openTls } from './tls.ts';
import { systemClock, systemDigest, systemRandom } from './world.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Server {
  /** Port 0: this process does not listen there; see the setting `serve`. */
  readonly gateway: Address;
  readonly control: Address;
  /** `https` when the listeners have a certificate. */
  readonly scheme: 'http' | 'https';
  readonly rooms: Rooms;
  readonly workflows: Workflows;
  readonly demo: Demo;
  readonly alerting: Alerting;
  readonly rights: OpenRights;
  readonly leakSearch: LeakSearch;
  readonly accountability: Accountability;
  readonly database: OpenDatabase;
  /** Bearer token of the local owner, as the command line uses it. */
  readonly ownerToken: string;
  /** The database was restored and people have not confirmed it: no call is taken. */
  readonly isPending: boolean;
  readonly controlRoutes: ControlServer['routes'];
  /** Whether the console was built and is served. */
  readonly hasConsole: boolean;
  close(): Promise<void>;
}

/** For tests that break the world between two stages; nothing else passes it. */
export interface Seams {
  decorateGuard?(deps: GuardDeps): GuardDeps;
  /** For planting routes that forget to ask, so that what looks for them can be seen to find them. */
  decorateControl?(ports: ControlPorts): ControlPorts;
  /** How soon a process that does not beat is dead. */
  readonly recovery?: RecoveryTiming;
  /** The same for the processes that run workflows. */
  readonly workflows?: EngineTiming;
  /** What people's rights and retention take for now. */
  readonly clock?: { now(): number };
  /** Pause between the tickets of the demo. */
  readonly demoPaceMs?: number;
}

export async function startServer(config: Config, folders: Folders, logger: Logger, seams?: Seams): Promise<Server> {
  checkListeners(config);
  const serves = servesOf(config);
  prepareFolders(folders);
  const plan = planOf(config, folders);
  const undo: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    // What needs something is closed before what it needs; one that fails does not keep the rest open.
    for (const step of undo.splice(0).reverse()) await step().catch(() => logger.error({ event: 'shutdown.fault' }));
  };
  try {
    const tls = openTls(config, logger);
    if (tls !== null) undo.push(async () => tls.stop());
    const scheme = tls === null ? 'http' : 'https';
    const database = await openDatabase(config, folders, logger);
    undo.push(database.close);
    refuseUnkeptSchedule(database.login, serves, plan);
    const listeners: Address[] = [];
    let demo: Demo | null = null;
    const created = await createRooms(database, {
      config,
      folders,
      logger,
      recovery: seams?.recovery,
      // Those of the other processes too: where they listen is in the same settings.
      ownListeners: () => [...listeners, ...elsewhere(config, serves)],
      sampleParts: () => demo?.addresses() ?? [],
    });
    const { events, tenant } = created;
    const onLost = (fault: unknown): void => logger.error({ event: 'sign_in.fault', code: codeOf(fault) });
    const failures = createFailedSignIns({ events, tenant, clock: systemClock, random: systemRandom, onFault: onLost });
    const noting = notingKeys(created.guard, failures);
    const rooms = { ...created, guard: seams?.decorateGuard?.(noting) ?? noting };
    undo.push(rooms.close);
    undo.push(async () => failures.stop());
    // Runs and approved calls end before the demo's shop does, or what they asked of it would be unknown.
    undo.push(async () => demo?.stop());
    const running = createExecutor(rooms, logger);
    // Approved calls leave from a worker; any other process only writes that they were approved.
    const executor = serves.has('worker') ? running : { ...running, wake: () => {} };
    undo.push(executor.stop);
    const workflows = openWorkflows(rooms, database, {
      ...{ folders, logger, config, timing: seams?.workflows },
      publishGate: (tenant, version) => accountability.publishGate(tenant, version),
    });
    undo.push(workflows.stop);
    const clockWatch = await watchClock({
      clock: systemClock,
      database: database.database,
      events: rooms.events,
      tenant: rooms.tenant,
      logger,
    });
    undo.push(clockWatch.stop);
    const housekeeping = createHousekeeping(rooms, {
      ...{ database: database.database, workflows, logger },
      held: () => rights.heldTenants(),
    });
    undo.push(housekeeping.stop);
    const departures = createDepartures({
      ...{ path: folders.departuresFile, database: database.database, now: systemClock.now },
      onFault: (fault) => logger.error({ event: 'departures.fault', code: codeOf(fault) }),
    });
    undo.push(departures.stop);

    const { keeper, health } = openLedgerKeeper(rooms, database, { config, folders, logger });
    undo.push(keeper.stop);
    const alerting = createAlerting(rooms, database, { config, logger });
    undo.push(alerting.stop);

    // Known below; asked for by the rounds, long after.
    const opened: { backups: Backups | null } = { backups: null };
    const rights = openRights(rooms, database, {
      logger,
      clock: seams?.clock,
      backups: () => opened.backups,
      deciding: (tenant) => accountability.deciding(tenant),
    });
    undo.push(rights.stop);
    const accountability: Accountability = openAccountability(rooms, database, {
      ...{ logger, clock: seams?.clock, index: rights.index, alerts: alerting.alerts, workflows },
    });
    undo.push(accountability.stop);

    const leakSearch = createLeakSearch(rooms, database, { config, folders, logger, clock: seams?.clock ?? systemClock });
    undo.push(leakSearch.stop);

    const gate = createRestoreGate(
      {
        database: database.database,
        clock: systemClock,
        random: systemRandom,
        logger,
        tenant: rooms.tenant,
        digest: systemDigest,
        signer: openBundleSigner(folders.workflowKeyFile),
        signatures: rooms.identity.signatures,
        soloDelayMs: config.soloDelayMs,
        beginEpoch: rooms.beginEpoch,
      },
      await readRestore(database.database),
    );
    undo.push(gate.stop);
    const made = createBackups({
      database: database.database,
      adminUrl: database.adminUrl,
      url: database.url,
      keys: rooms.vault.backupKeys,
      plan,
      clock: systemClock,
      random: systemRandom,
      digest: systemDigest,
      logger,
      tell: tellInstallation(rooms),
    });
    const backups = database.login === null ? made : backupsElsewhere(made);
    undo.push(backups.stop);
    const dataKeys = createDataKeys({
      ...{ vault: rooms.vault, clock: systemClock, logger, tell: tellInstallation(rooms) },
      reencryption: rooms.vault.reencryption(sealedPlaces(rooms), database.database),
      ...{ everyHours: config.keyEpochHours, mayKeep: database.database.holds('installer') },
    });
    undo.push(dataKeys.stop);
    opened.backups = backups;

    const gatewayServer = createGateway({
      ...(tls === null ? {} : { tls }),
      closed: gate.code,
      clock: systemClock,
      random: systemRandom,
      codes: allCodes,
      guard: (received, surface) => guard(rooms.guard, received, surface),
      listModels: (received) => listModels(rooms.guard, received),
      approvalResult: async ({ presentedKey, presentedAt }, approval) =>
        approvalResult(rooms, database, await rooms.identity.authenticateCall(presentedKey, presentedAt), approval),
      at: rooms.origins,
      hooks: gatewayHooks(rooms, { workflows, rights: rights.rights, database: database.database, logger }),
      onFault: (code, call) => logger.error({ event: 'gateway.fault', code, call }),
    });
    const gatewayUrl = (): string =>
      `${scheme}://${urlHost(config.gatewayHost)}:${(serves.has('gateway') ? listeners[0]?.port : null) ?? config.gatewayPort}`;
    demo = createDemo({
      rooms,
      database,
      workflows,
      folder: folders.state,
      clock: systemClock,
      codes: allCodes,
      logger,
      paceMs: seams?.demoPaceMs ?? DEMO_PACE_MS,
      gatewayUrl,
    });
    const backup = { ...backupPorts(backups, gate, { plan, endorseOptions: rooms.identity.endorseOptions }), closed: gate.code };
    const plainText = plainTextPorts(
      { rooms, open: database, config, folders, clock: systemClock, backupsMade: async () => (await backups.list()).length },
      visitPorts(rooms),
    );
    const ports = notingRefusals(
      controlPorts(
        rooms,
        database,
        {
          executor,
          workflows,
          demo: isWhole(serves) ? demo : apart(demo),
          health,
          alerting,
          rights,
          accountability,
          leakSearch,
          gatewayUrl,
          backup,
          dataKeys: dataKeys.ports,
          plainText,
        },
        logger,
      ),
      failures,
    );
    const controlServer = createControlServer(seams?.decorateControl?.(ports) ?? ports, allCodes, tls);
    const gateway = serves.has('gateway')
      ? await gatewayServer.listen(config.gatewayHost, config.gatewayPort).catch((cause: unknown) => {
          throw listenFault('gateway', config.gatewayPort, cause);
        })
      : NOT_HERE;
    undo.push(gatewayServer.close);
    const control = serves.has('control')
      ? await controlServer.listen(config.controlHost, config.controlPort).catch((cause: unknown) => {
          throw listenFault('control plane', config.controlPort, cause);
        })
      : NOT_HERE;
    undo.push(controlServer.close);
    listeners.push(...[gateway, control].filter(({ port }) => port !== 0));

    const credential = {
      identity: rooms.identity,
      path: folders.cliCredentialFile,
      control: `${scheme}://127.0.0.1:${control.port}`,
      certificate: config.tlsCertFile,
      isShared: !database.embedded,
      random: systemRandom,
    };
    // The command line speaks to the control plane; a process without one gives nobody a credential.
    const ownerToken = serves.has('control') ? await provideCliCredential(credential) : '';
    const demoOf = demo;
    // A restored database serves nobody until people said yes; until then only the control plane answers.
    await gate.open(async () => {
      const isWorker = serves.has('worker');
      // What people decided is changed by the control plane alone, also when it runs out.
      if (serves.has('control')) housekeeping.startFor('people');
      if (serves.has('control')) departures.start(rooms.identity.onChange);
      if (serves.has('gateway')) housekeeping.startFor('calls');
      dataKeys.start(isWorker);
      // What it deletes no login of one part but the control plane's may.
      if (database.login === null ? isWorker : serves.has('control')) {
        rights.start();
        accountability.start();
      }
      // Every process says that it lives; what dead ones left, the ledger and the runs are the worker's.
      rooms.recovery.start(isWorker ? 'all' : 'beat');
      if (!isWorker) return;
      rooms.sequencer.start();
      rooms.searchIndexer.start();
      executor.start();
      housekeeping.startFor('work');
      backups.start();
      keeper.start();
      alerting.start();
      if (database.login === null) leakSearch.start();
      // The shop first: runs that wait for it go on as soon as the workflows do.
      if (isWhole(serves)) await demoOf.resume();
      await workflows.start();
    });
    return {
      gateway,
      control,
      scheme,
      rooms,
      workflows,
      demo,
      alerting,
      rights,
      leakSearch,
      accountability,
      database,
      ownerToken,
      isPending: gate.code() !== null,
      controlRoutes: controlServer.routes,
      hasConsole: ports.consoleFiles !== null,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Where a program on this machine finds a listener that is bound to every address. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/** Where nothing listens. */
const NOT_HERE: Address = Object.freeze({ host: '', port: 0 });

/** The demo's shop and model live in one process, and only that one may reach them. */
const apart = (demo: Demo): Demo => ({
  ...demo,
  start: async () => refuse('MAIN_DEMO_APART', 'The demo runs where one process serves everything; this installation is split.'),
});
