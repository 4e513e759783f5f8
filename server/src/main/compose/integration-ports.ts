// Installing what may be reached: the manifest is parsed, the destination tried, the credential sealed, and all of it stored at once.

import { parse } from 'yaml';
import { parseManifest } from '#connectors';
import type { AutonomyInput, ControlPorts, IntegrationInput, IntegrationView } from '#control';
import {
  type Change,
  type CredentialId,
  formatMoney,
  isRefusal,
  type JsonObject,
  type Manifest,
  makeEvent,
  type PersonPrincipal,
  parseMoney,
  type Refusal,
  refuse,
  type TenantId,
  type Tx,
} from '#core';
import { FIELD_MAPS } from '#dlp';
import {
  type Autonomy,
  dropIntegration,
  type Integration,
  type IntegrationSettings,
  newIntegrationId,
  putIntegration,
  readIntegration,
  type StoredAutonomy,
} from '#enforcement';
import { appendEvents } from '#storage';
import { systemClock, systemDigest, systemRandom, systemWorld } from '../world.ts';
import { recordChange, sealFor } from './change-records.ts';
import type { OpenDatabase } from './database.ts';
import { loosenedLimits } from './loosened-limits.ts';
import type { Rooms } from './rooms.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Who installs, and whether it is sample data. */
export interface Installer {
  readonly tenant: TenantId;
  readonly actor: string;
  readonly isSample: boolean;
  /** Absent where nobody asked: the demo's own parts. */
  readonly person?: PersonPrincipal;
}

export function integrationPorts(rooms: Rooms, open: OpenDatabase): ControlPorts['integrations'] {
  return {
    list: async (tenant) => rooms.catalogue.list(tenant).map(view),
    put: (person, input) =>
      installIntegration(rooms, open, { tenant: person.tenant, actor: person.person, isSample: false, person }, input),
    remove: (person, name) => removeIntegration(rooms, open, { tenant: person.tenant, actor: person.person, person }, name),
  };
}

/** Undoes the whole transaction, the credential included, when the name was taken at this very moment. */
const TAKEN = new Error('the name was taken by another kind of integration');

export async function installIntegration(
  rooms: Rooms,
  open: OpenDatabase,
  by: Installer,
  input: IntegrationInput,
): Promise<IntegrationView | Refusal> {
  const { tenant, actor, isSample } = by;
  const existing = rooms.catalogue.integration(tenant, input.name);
  if (existing !== null && existing.isSample !== isSample) return nameTaken(input.name, existing.isSample);
  const destination = await destinationOf(rooms, input, isSample);
  if (isRefusal(destination)) return destination;
  const manifest = manifestOf(input);
  if (isRefusal(manifest)) return manifest;
  const settings = settingsOf(input, manifest);
  if (isRefusal(settings)) return settings;
  const id = existing?.id ?? newIntegrationId(systemClock, systemRandom);
  const { name, kind } = input;
  const store = open.database.inTenant(tenant, async (tx) => {
    const earlier = await readIntegration(tx, tenant, name);
    let credential: CredentialId | null = existing?.credential ?? null;
    if (input.credential !== null) {
      credential = await rooms.vault.putCredential(tx, {
        tenant,
        name,
        secret: input.credential.secret,
        slot: { header: input.credential.header.toLowerCase(), prefix: input.credential.prefix },
        ...destination,
        methods: METHODS,
        actor,
      });
    }
    if (!(await putIntegration(tx, id, { tenant, name, kind, ...destination, manifest, credential, settings, isSample }))) throw TAKEN;
    const now = await readIntegration(tx, tenant, name);
    const shown = { before: shownIntegration(earlier), after: shownIntegration(now, input.credential !== null) };
    const loosened = loosenedLimits(earlier, now);
    await recordIntegration(rooms, tx, by, { name, change: existing === null ? 'added' : 'changed', loosened, ...shown });
    return true;
  });
  const stored = await store.catch((fault: unknown) => {
    if (fault === TAKEN) return false;
    throw fault;
  });
  await rooms.catalogue.refreshed();
  if (!stored) return nameTaken(name, !isSample);
  const shown = rooms.catalogue.integration(tenant, name);
  return shown === null ? refuse('CONTROL_NOT_FOUND', 'The integration was stored but is not visible yet; list it again.') : view(shown);
}

export async function removeIntegration(rooms: Rooms, open: OpenDatabase, by: Omit<Installer, 'isSample'>, name: string): Promise<boolean> {
  const { tenant, actor } = by;
  const removed = await open.database.inTenant(tenant, async (tx) => {
    const credential = rooms.catalogue.integration(tenant, name)?.credential ?? null;
    const before = shownIntegration(await readIntegration(tx, tenant, name));
    const dropped = await dropIntegration(tx, tenant, name);
    if (dropped && credential !== null) await rooms.vault.dropCredential(tx, { tenant, credential, actor });
    const seal = by.person === undefined ? {} : { seal: sealFor(rooms, by.person) };
    if (dropped) await rooms.hooks.removeIn(tx, { tenant, integration: name, actor, ...seal });
    if (dropped) await recordIntegration(rooms, tx, by, { name, change: 'removed', before, after: null });
    return dropped;
  });
  await rooms.hooks.refreshed();
  await rooms.catalogue.refreshed();
  return removed;
}

async function recordIntegration(
  rooms: Rooms,
  tx: Tx,
  { tenant, actor, person }: Omit<Installer, 'isSample'>,
  {
    name,
    change,
    before,
    after,
    loosened,
  }: Change & { readonly name: string; readonly change: string; readonly loosened?: readonly string[] },
): Promise<void> {
  const facts = { name, change, ...(loosened === undefined ? {} : { loosened }) };
  const told = { type: 'enforcement.integration.changed', subject: name, public: facts };
  if (person !== undefined) return recordChange(rooms, tx, { ...told, person, before, after });
  await appendEvents(tx, [makeEvent(systemWorld, { ...told, tenant, actor })]);
}

/** An integration as it was set up, for what stood before a change and stands after it. A credential is its reference, never its value. */
function shownIntegration(integration: Integration | null, isNewSecret = false): JsonObject | null {
  if (integration === null) return null;
  const { linkHosts, prompts, spending, credential, manifest } = integration;
  const autonomy = [...integration.autonomy].map(([operation, limits]) => [operation, shownAutonomy(limits)]);
  const prices = [...(spending?.prices ?? [])].map(([model, price]) => [
    model,
    { input: decimal(price.inputMicros), output: decimal(price.outputMicros) },
  ]);
  const { operations, ...shown } = view(integration);
  return {
    ...shown,
    manifest: manifest?.digest ?? null,
    operations: operations.map(({ name, effect }) => ({ name, effect })),
    credential: credential === null ? null : { id: credential, ...(isNewSecret ? { secret: 'replaced' } : {}) },
    linkHosts: [...linkHosts],
    prompts: [...prompts],
    autonomy: Object.fromEntries(autonomy),
    spending:
      spending === null
        ? null
        : { currency: spending.currency, perWorkloadDay: decimal(spending.perWorkloadDayMicros), prices: Object.fromEntries(prices) },
  };
}

function shownAutonomy(limits: Autonomy): JsonObject {
  const { perCall, perCustomerDay, perDay, timesPerCustomerDay, fourEyesAbove, soloPerDay } = limits;
  const amounts = Object.entries({ perCall, perCustomerDay, perDay, fourEyesAbove, soloPerDay });
  return { ...Object.fromEntries(amounts.map(([name, money]) => [name, money === null ? null : formatMoney(money)])), timesPerCustomerDay };
}

function nameTaken(name: string, isSample: boolean): Refusal {
  return isSample
    ? refuse('CONTROL_SAMPLE_DATA', `${name} is sample data; remove the demo first, or choose another name.`, { name })
    : refuse('CONTROL_NAME_TAKEN', `${name} is an integration of yours; the demo needs this name and leaves yours as it is.`, { name });
}

/** Where calls will go. What can never be reached is refused now; what is merely down may come up. */
async function destinationOf(
  rooms: Rooms,
  input: IntegrationInput,
  isSample: boolean,
): Promise<{ origin: string; pathPrefix: string } | Refusal> {
  const url = new URL(input.baseUrl);
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    return refuse('CONTROL_REQUEST_INVALID', 'Field baseUrl: no user, query or fragment may stand in it.', { field: 'baseUrl' });
  }
  const fault = await rooms.egress.check(url.origin, { isSample });
  if (fault !== null && !fault.retryable) return refuse(fault.code, fault.message, { field: 'baseUrl' });
  return { origin: url.origin, pathPrefix: url.pathname === '/' ? '/' : url.pathname.replace(/\/$/, '') };
}

function manifestOf(input: IntegrationInput): Manifest | null | Refusal {
  if (input.kind === 'model') return null;
  if (input.manifest === null)
    return refuse('CONTROL_REQUEST_INVALID', 'Field manifest: an http integration needs one.', { field: 'manifest' });
  if (typeof input.manifest !== 'string') return parseManifest(input.manifest, systemDigest, FIELD_MAPS);
  // A file as it was chosen in a browser arrives as its text: YAML, of which JSON is a part. Aliases can make a small text a large one.
  let source: unknown;
  try {
    source = parse(input.manifest, { maxAliasCount: 0, uniqueKeys: true });
  } catch {
    return refuse('CONTROL_REQUEST_INVALID', 'Field manifest: the file is neither YAML nor JSON.', { field: 'manifest' });
  }
  return parseManifest(source, systemDigest, FIELD_MAPS);
}

function settingsOf(input: IntegrationInput, manifest: Manifest | null): IntegrationSettings | Refusal {
  const autonomy: Record<string, StoredAutonomy> = {};
  for (const [name, limits] of Object.entries(input.autonomy)) {
    const operation = manifest?.operations.find((candidate) => candidate.name === name);
    const stored = autonomyOf(limits);
    const moneyless = limits.perCall === null || limits.perCustomerDay === null;
    if (operation === undefined) return invalidAutonomy(name, 'the manifest has no such operation');
    if (stored === null) return invalidAutonomy(name, 'an amount needs a currency and a valid decimal');
    if (needsTwoUnasked(stored)) return invalidAutonomy(name, 'fourEyesAbove is below perCall, up to which nobody is asked at all');
    if (operation.effect === 'money' && moneyless)
      return invalidAutonomy(name, 'an operation that moves money needs perCall and perCustomerDay');
    autonomy[name] = stored;
  }
  return { models: input.models, linkHosts: input.linkHosts, prompts: input.prompts, autonomy, spending: spendingOf(input) };
}

function autonomyOf(limits: AutonomyInput): StoredAutonomy | null {
  const { currency, timesPerCustomerDay } = limits;
  const amounts = [limits.perCall, limits.perCustomerDay, limits.perDay, limits.fourEyesAbove ?? null, limits.soloPerDay ?? null];
  const minor = amounts.map((amount) =>
    amount === null ? null : currency === null ? undefined : parseMoney(amount, currency)?.amountMinor.toString(),
  );
  if (minor.includes(undefined)) return null;
  const [perCallMinor = null, perCustomerDayMinor = null, perDayMinor = null, fourEyesAboveMinor = null, soloPerDayMinor = null] = minor;
  return { currency, perCallMinor, perCustomerDayMinor, perDayMinor, timesPerCustomerDay, fourEyesAboveMinor, soloPerDayMinor };
}

function needsTwoUnasked({ perCallMinor, fourEyesAboveMinor = null }: StoredAutonomy): boolean {
  return perCallMinor !== null && fourEyesAboveMinor !== null && BigInt(fourEyesAboveMinor) < BigInt(perCallMinor);
}

function invalidAutonomy(operation: string, why: string): Refusal {
  return refuse('CONTROL_REQUEST_INVALID', `Field autonomy.${operation}: ${why}.`, { field: `autonomy.${operation}` });
}

function spendingOf(input: IntegrationInput): IntegrationSettings['spending'] {
  if (input.spending === null) return null;
  const prices = Object.entries(input.spending.prices).map(([model, price]) => [
    model,
    { inputMicros: micros(price.input), outputMicros: micros(price.output) },
  ]);
  return {
    currency: input.spending.currency,
    perWorkloadDayMicros: micros(input.spending.perWorkloadDay),
    prices: Object.fromEntries(prices),
  };
}

/** The other way round, for people. */
function decimal(millionths: bigint): string {
  const text = millionths.toString().padStart(7, '0');
  return `${text.slice(0, -6)}.${text.slice(-6)}`.replace(/\.?0+$/, '');
}

/** Millionths of the main unit, exactly; the edge has checked the form. */
function micros(decimal: string): string {
  const [whole = '0', fraction = ''] = decimal.split('.');
  return BigInt(`${whole}${fraction.padEnd(6, '0').slice(0, 6)}`).toString();
}

function view(integration: Integration): IntegrationView {
  return {
    name: integration.name,
    kind: integration.kind,
    origin: `${integration.origin}${integration.pathPrefix === '/' ? '' : integration.pathPrefix}`,
    operations: (integration.manifest?.operations ?? []).map((operation) => ({
      name: operation.name,
      effect: operation.effect,
      autonomy: integration.autonomy.has(operation.name),
      needsReview: operation.needsReview,
    })),
    models: [...integration.models],
    hasCredential: integration.credential !== null,
    sample: integration.isSample,
  };
}
