// Who may see what for the control plane: the matrix with its hits, and changes of it, each recorded with what was in force before and after.
// INVARIANT: a change is compared and written in one transaction, so that what the log calls a loosening is one.

import type { DataMatrixPorts, MatrixCellView, MatrixView } from '#control';
import {
  DATA_CLASS_NAMES,
  type DataClass,
  DESTINATION_KINDS,
  type DestinationKind,
  dataClassSpec,
  isRefusal,
  type PersonPrincipal,
  type Refusal,
  refuse,
  type TenantId,
  UNSURE_HANDLINGS,
} from '#core';
import {
  choicesOf,
  choicesWhenAsked,
  createMatrix,
  dropDataRule,
  isLooser,
  listDataHits,
  putDataRule,
  putUnsureRule,
  type RuleMode,
  readDataRules,
} from '#enforcement';
import { systemClock } from '../world.ts';
import { recordChange } from './change-records.ts';
import type { OpenDatabase } from './database.ts';
import type { Rooms } from './rooms.ts';

const HIT_DAYS = 30;
const DAY_MS = 24 * 60 * 60_000;
const RULE_CHANGED = 'enforcement.data_rule.changed';
/** What one tenant can hold: every cell of a few hundred integrations. */
const MAX_RULES = 5_000;

interface Place {
  readonly kind: DestinationKind;
  readonly integration: string | null;
}

export function dataMatrixPorts(rooms: Rooms, open: OpenDatabase): DataMatrixPorts {
  const { dataMatrix, dataHits, catalogue } = rooms;
  const { database } = open;

  const placeOf = (tenant: TenantId, destination: string): Place | null => {
    const kind = DESTINATION_KINDS.find((one) => one === destination);
    if (kind !== undefined) return { kind, integration: null };
    const name = destination.replace(/^integration:/, '');
    const integration = catalogue.integration(tenant, name);
    return integration === null ? null : { kind: integration.kind === 'model' ? 'model' : 'tool', integration: name };
  };
  const unknown = (): Refusal =>
    refuse('CONTROL_NOT_FOUND', 'There is no integration of that name; a destination is a kind or one of your integrations.');

  /** A rule that nothing would hold to is no rule. */
  const notFound = (dataClass: DataClass): Refusal =>
    refuse(
      'CONTROL_REQUEST_INVALID',
      'Values of this class are known from labelled fields only; texts are not searched for them, so a rule would decide nothing.',
      {
        field: 'class',
        class: dataClass,
      },
    );

  async function hits(tenant: TenantId, days: number) {
    // What this process counted a moment ago belongs to the answer.
    await dataHits.flush();
    const since = systemClock.now() - (days - 1) * DAY_MS;
    const rows = await database.inTenant(tenant, (tx) => listDataHits(tx, tenant, since));
    return rows.map(({ dataClass, integration, ...row }) => ({
      ...row,
      class: dataClass,
      integration: integration === '' ? null : integration,
    }));
  }

  async function show(tenant: TenantId): Promise<MatrixView> {
    const matrix = dataMatrix.of(tenant);
    const counted = await hits(tenant, HIT_DAYS);
    const byName = (left: { readonly name: string }, right: { readonly name: string }): number => (left.name < right.name ? -1 : 1);
    const listed = catalogue.list(tenant).map(({ name, kind }) => ({
      name: `integration:${name}`,
      kind: kind === 'model' ? ('model' as const) : ('tool' as const),
      integration: name,
    }));
    const integrations = listed.sort(byName);
    const ruled = new Set(matrix.rules.map(({ destination }) => destination));
    const seen = new Set(counted.map(({ integration }) => `integration:${integration}`));
    const isTold = ({ name }: { readonly name: string }): boolean => ruled.has(name) || seen.has(name);
    const destinations = [...DESTINATION_KINDS.map((kind) => ({ name: kind, kind, integration: null })), ...integrations.filter(isTold)];
    const cells = destinations.flatMap(({ name, kind, integration }) =>
      DATA_CLASS_NAMES.map((dataClass): MatrixCellView => {
        const { handling, from, trial, asIs } = matrix.cell(kind, integration, dataClass);
        const here = counted.filter(
          (hit) => hit.class === dataClass && (integration === null ? hit.kind === kind : hit.integration === integration),
        );
        const sum = (onTrial: boolean): number => here.reduce((total, hit) => total + (hit.onTrial === onTrial ? hit.hits : 0), 0);
        const choices = choicesOf(kind, dataClass);
        return {
          ...{ class: dataClass, destination: name, handling, from, trial, asIs, choices },
          default: dataClassSpec(dataClass).handling[kind],
          isLocked: !choices.includes('clear'),
          hits: sum(false),
          trialHits: sum(true),
        };
      }),
    );
    const classes = DATA_CLASS_NAMES.map((dataClass) => {
      const { meaning, sensitivity, unsure, types } = dataClassSpec(dataClass);
      const isFound = types.length > 0;
      return { class: dataClass, meaning, sensitivity, unsure: matrix.unsure(dataClass), unsureDefault: unsure, isFound };
    });
    const others = integrations.filter((one) => !isTold(one));
    return { destinations, others, classes, cells, hitDays: HIT_DAYS };
  }

  /** Applies a change of one cell, and records what was in force before and after. */
  async function change(
    person: PersonPrincipal,
    at: Place & { readonly destination: string; readonly dataClass: DataClass; readonly mode: RuleMode },
    apply: (tx: Parameters<typeof readDataRules>[0]) => Promise<Refusal | boolean>,
  ): Promise<MatrixView | Refusal> {
    const { tenant } = person;
    const { kind, integration, destination, dataClass, mode } = at;
    const refused = await database.inTenant(tenant, async (tx) => {
      const stored = await readDataRules(tx, tenant);
      const before = createMatrix(stored.rules, stored.unsure).cell(kind, integration, dataClass);
      const done = await apply(tx);
      if (done === false || isRefusal(done)) return done === false ? null : (done as Refusal);
      const now = await readDataRules(tx, tenant);
      const after = createMatrix(now.rules, now.unsure).cell(kind, integration, dataClass);
      const isLoosened = isLooser(after.handling, before.handling) || (after.asIs && !before.asIs);
      await recordChange(rooms, tx, {
        person,
        type: RULE_CHANGED,
        subject: dataClass,
        public: {
          ...{ class: dataClass, destination, mode, before: before.handling, after: after.handling },
          ...(after.trial === null ? {} : { trial: after.trial }),
          ...(mode === 'asked' ? { asIs: after.asIs } : {}),
          ...(isLoosened ? { loosened: [dataClass] } : {}),
        },
        before: {
          handling: before.handling,
          asIs: before.asIs,
          trial: before.trial,
          rules: stored.rules.filter(({ dataClass: one }) => one === dataClass).map((rule) => ({ ...rule })),
        },
        after: {
          handling: after.handling,
          asIs: after.asIs,
          trial: after.trial,
          rules: now.rules.filter(({ dataClass: one }) => one === dataClass).map((rule) => ({ ...rule })),
        },
      });
      return null;
    });
    if (refused !== null) return refused;
    await dataMatrix.refreshed();
    return show(tenant);
  }

  return {
    dataMatrix: {
      show,
      hits,
      set: async (person, rule) => {
        const { destination, class: dataClass, handling, mode } = rule;
        const place = placeOf(person.tenant, destination);
        if (place === null) return unknown();
        if (dataClassSpec(dataClass).types.length === 0) return notFound(dataClass);
        const choices = mode === 'asked' ? choicesWhenAsked(place.kind, dataClass) : choicesOf(place.kind, dataClass);
        if (mode === 'asked' && place.kind !== 'model')
          return refuse('CONTROL_REQUEST_INVALID', 'People are asked about what goes to models only.', { field: 'mode', destination });
        if (!choices.includes(handling)) {
          const evidence = { class: dataClass, destination, handling, choices: choices.join(', ') };
          return choices.includes('clear')
            ? refuse('CONTROL_REQUEST_INVALID', `Towards this destination a class is handled as ${choices.join(' or ')}.`, {
                field: 'handling',
                ...evidence,
              })
            : refuse('ENFORCEMENT_DATA_RULE_LOCKED', 'Card numbers and secrets are never shown there; no rule can allow it.', evidence);
        }
        return change(person, { ...place, destination, dataClass, mode }, async (tx) => {
          const { rules } = await readDataRules(tx, person.tenant);
          const isThere = rules.some((one) => one.destination === destination && one.dataClass === dataClass && one.mode === mode);
          // One that stands may always be said otherwise or taken away.
          if (!isThere && rules.length >= MAX_RULES)
            return refuse('ENFORCEMENT_DATA_RULES_FULL', 'The tenant has as many rules as one may have.');
          await putDataRule(tx, person.tenant, { destination, dataClass, mode, handling });
          // What was tried is in force now.
          if (mode === 'enforce') await dropDataRule(tx, person.tenant, { destination, dataClass, mode: 'monitor' });
          return true;
        });
      },
      reset: async (person, rule) => {
        const { destination, class: dataClass, mode } = rule;
        const place = placeOf(person.tenant, destination) ?? {
          kind: 'tool' as const,
          integration: destination.replace(/^integration:/, ''),
        };
        return change(person, { ...place, destination, dataClass, mode }, async (tx) => {
          const dropped = await dropDataRule(tx, person.tenant, { destination, dataClass, mode });
          return dropped ? true : refuse('CONTROL_NOT_FOUND', 'There is no such rule.');
        });
      },
      setUnsure: async (person, dataClass, unsure) => {
        const { tenant } = person;
        if (dataClassSpec(dataClass).types.length === 0) return notFound(dataClass);
        await database.inTenant(tenant, async (tx) => {
          const stored = await readDataRules(tx, tenant);
          const before = createMatrix(stored.rules, stored.unsure).unsure(dataClass);
          await putUnsureRule(tx, tenant, dataClass, unsure);
          const after = unsure ?? dataClassSpec(dataClass).unsure;
          const isLoosened = UNSURE_HANDLINGS.indexOf(after) < UNSURE_HANDLINGS.indexOf(before);
          await recordChange(rooms, tx, {
            person,
            type: RULE_CHANGED,
            subject: dataClass,
            public: {
              class: dataClass,
              destination: 'unsure',
              mode: 'enforce',
              before,
              after,
              ...(isLoosened ? { loosened: [dataClass] } : {}),
            },
            before: { unsure: before },
            after: { unsure: after },
          });
        });
        await dataMatrix.refreshed();
        return show(tenant);
      },
    },
  };
}
