// The demonstration of one installation: off, starting, or live. Everything it changes goes through the same doors as anybody's changes;
// what it adds is marked as sample and leaves in one action.
// INVARIANT: starting and removing run one after the other, never at the same moment.

import { castScenario, SCENARIO_SIZE, stolenFrom } from '@sallyport/demo';
import type { DemoPorts, DemoView, ModelChoice } from '#control';
import {
  type Clock,
  type CodeTable,
  createInOrder,
  isRefusal,
  type PersonPrincipal,
  parseId,
  type Refusal,
  refuse,
  type TenantId,
} from '#core';
import { codeOf } from '../compose/rooms.ts';
import type { Logger } from '../logger.ts';
import { type Arrivals, beginArrivals } from './arrivals.ts';
import { createKeeper, type KeptDemo } from './kept.ts';
import { type Parts, startParts } from './parts.ts';
import { installIntegrations, installWorkflow, newHook, removeSamples, type SampleRooms, sampleIntegrations } from './samples.ts';
import { type TicketRun, viewTicket } from './ticket-view.ts';

export interface Demo extends DemoPorts {
  /** `host:port` of the parts that run now. */
  addresses(): readonly string[];
  /** Brings a demo back that ran when the server stopped. Never throws: a demo that can not come back is off. */
  resume(): Promise<void>;
  /** Closes the parts; what they know is kept. */
  stop(): Promise<void>;
}

export interface DemoOptions extends SampleRooms {
  /** Of files that are kept over a restart. */
  readonly folder: string;
  readonly clock: Clock;
  readonly codes: CodeTable;
  readonly logger: Logger;
  readonly paceMs: number;
  /** Known once it listens. */
  readonly gatewayUrl: () => string;
}

interface Live {
  readonly kept: KeptDemo;
  readonly parts: Parts;
  readonly arrivals: Arrivals;
}

/** Who changes what is installed when nobody is there: after a restart. */
const SYSTEM = 'system:demo';
const NO_PORTS = { shop: 0, model: 0 };

export function createDemo(options: DemoOptions): Demo {
  const { rooms, workflows, clock, logger } = options;
  const keeper = createKeeper(options.folder);
  let live: Live | null = null;
  let opening: Parts | null = null;
  let isStarting = false;
  let fault: string | null = null;
  /** Whose demo it is that runs, starts or failed: one tenant's at a time. */
  let holder: TenantId | null = null;
  /** Runs that ended say the same for ever. */
  const ended = new Map<string, TicketRun>();
  const { run: inTurn } = createInOrder();
  const failed = (thrown: unknown): void => {
    fault = codeOf(thrown);
    logger.error({ event: 'demo.fault', code: fault });
  };

  const open = async (kept: KeptDemo, resume: ReturnType<typeof keeper.read>): Promise<Parts> => {
    const parts: Parts = await startParts({
      withModel: kept.model === null,
      ports: kept.ports,
      resume: resume?.shop ?? null,
      onChange: () => opening?.shop !== undefined && keeper.shop(opening.shop.snapshot()),
    });
    opening = parts;
    kept.ports = parts.ports;
    keeper.shop(parts.shop.snapshot());
    keeper.demo(kept);
    return parts;
  };
  const close = async (): Promise<void> => {
    await live?.arrivals.stop();
    live = null;
    await opening?.close();
    opening = null;
  };
  /** The tickets come in by themselves from here on. */
  const goLive = async (kept: KeptDemo, parts: Parts, actor: string): Promise<void> => {
    const hook = await newHook(options, kept.tenant, actor);
    parts.shop.setHook(`${options.gatewayUrl()}${hook.path}`, hook.secret);
    const arrivals = beginArrivals({
      shop: parts.shop,
      cast: castScenario(parts.shop.state),
      kept,
      paceMs: options.paceMs,
      clock,
      save: () => keeper.demo(kept),
      onLost: () => {
        fault = 'MAIN_DEMO_TICKET_LOST';
        logger.error({ event: 'demo.fault', code: fault });
      },
    });
    arrivals.done.catch(failed);
    live = { kept, parts, arrivals };
  };

  const clear = async (tenant: TenantId, actor: string): Promise<void> => {
    const isTheirs = live !== null && live.kept.tenant !== tenant;
    if (!isTheirs) await close();
    await removeSamples(options, tenant, actor);
    // The demo of another tenant goes on.
    if (isTheirs) return;
    keeper.clear();
    ended.clear();
    fault = null;
  };

  const begin = async (person: PersonPrincipal, model: ModelChoice | null): Promise<Refusal | null> => {
    const { tenant, person: actor } = person;
    // What an earlier demo left behind would mix with this one.
    await clear(tenant, actor);
    holder = tenant;
    const kept: KeptDemo = {
      version: 1,
      tenant,
      startedBy: actor,
      startedAtMs: clock.now(),
      model,
      ports: NO_PORTS,
      tickets: [],
    };
    const parts = await open(kept, null);
    const refused = (await installIntegrations(options, tenant, actor, parts)) ?? (await installWorkflow(options, person, model));
    if (refused !== null) {
      await clear(tenant, actor);
      return refused;
    }
    await goLive(kept, parts, actor);
    return null;
  };

  const providers = (tenant: TenantId): readonly ModelChoice[] =>
    rooms.catalogue
      .list(tenant)
      .filter((integration) => integration.kind === 'model' && !integration.isSample)
      .flatMap(({ name, models }) => [...models].map((model) => ({ integration: name, model })));

  const runOf = async (tenant: TenantId, id: string | null): Promise<TicketRun | null> => {
    const run = id === null ? null : parseId('run', id);
    if (run === null) return null;
    const known = ended.get(run);
    if (known !== undefined) return known;
    const shown = await workflows.runs.show(tenant, run);
    if (isRefusal(shown)) return null;
    if (shown.run.state !== 'running') ended.set(run, shown);
    return shown;
  };

  const view = async (tenant: TenantId): Promise<DemoView> => {
    const shown = live !== null && live.kept.tenant === tenant ? live : null;
    const cast = shown === null ? [] : castScenario(shown.parts.shop.state);
    const effects = shown === null ? [] : shown.parts.shop.ledger.after(0);
    const tickets = await Promise.all(
      (shown?.kept.tickets ?? []).map(async (kept) => {
        const ticket = cast.find(({ key }) => key === kept.key);
        if (ticket === undefined) return [];
        return [viewTicket({ kept, cast: ticket, run: await runOf(tenant, kept.run), effects, codes: options.codes })];
      }),
    );
    const seen = tickets.flat();
    const isOver = seen.length === SCENARIO_SIZE && seen.every(({ state }) => state !== 'arrived' && state !== 'working');
    const model = shown?.kept.model ?? null;
    return {
      state: isStarting && holder === tenant ? 'starting' : shown === null ? 'off' : isOver ? 'finished' : 'running',
      installed: sampleIntegrations(rooms, tenant).length > 0,
      model: model === null ? { kind: 'captured' } : { kind: 'provider', ...model },
      providers: providers(tenant),
      startedAt: shown === null ? null : new Date(shown.kept.startedAtMs).toISOString(),
      tickets: seen,
      total: SCENARIO_SIZE,
      stolen: shown === null ? 0 : stolenFrom(effects, cast, shown.parts.shop.state).length,
      fault: holder === tenant ? fault : null,
    };
  };

  return {
    view,
    addresses: () => opening?.addresses ?? [],
    start: (person, model) =>
      inTurn(async () => {
        if (live !== null && live.kept.tenant !== person.tenant)
          return refuse(
            'CONTROL_DEMO_ELSEWHERE',
            'The demo of this installation runs for another tenant; try again once it was removed there.',
          );
        if (live !== null) return view(person.tenant);
        if (options.gatewayUrl().startsWith('https:'))
          return refuse(
            'CONTROL_DEMO_NEEDS_HTTP',
            'The demo’s own callers speak plain HTTP: try it on an installation without TLS on its listeners.',
          );
        const isOffered =
          model === null || providers(person.tenant).some((one) => one.integration === model.integration && one.model === model.model);
        if (!isOffered)
          return refuse('CONTROL_REQUEST_INVALID', 'Field model: no integration of yours offers this model.', { field: 'model' });
        isStarting = true;
        try {
          const refused = await begin(person, model);
          if (refused !== null) return refused;
        } catch (thrown) {
          await close();
          failed(thrown);
          throw thrown;
        } finally {
          isStarting = false;
        }
        return view(person.tenant);
      }),
    remove: (person) =>
      inTurn(async () => {
        await clear(person.tenant, person.person);
        return view(person.tenant);
      }),
    resume: () =>
      inTurn(async () => {
        const before = keeper.read();
        if (before === null || sampleIntegrations(rooms, before.demo.tenant).length === 0) return;
        holder = before.demo.tenant;
        try {
          const parts = await open(before.demo, before);
          const refused = await installIntegrations(options, before.demo.tenant, SYSTEM, parts);
          if (refused !== null) throw Object.assign(new Error('the sample data can not be installed again'), { code: refused.code });
          await goLive(before.demo, parts, SYSTEM);
        } catch (thrown) {
          await close();
          failed(thrown);
        }
      }),
    stop: () => inTurn(close),
  };
}
