// Sample data as it is installed and removed: the integrations, the signed hook, the approved workflow. All of it is marked, all of it goes
// in one action, and nothing that is not marked is touched.

import { readFileSync } from 'node:fs';
import { CAPTURED_MODELS, DEMO_SHOP_TOKEN, demoShopManifest, SHOP_HOST } from '@sallyport/demo';
import { parse } from 'yaml';
import type { AutonomyInput, IntegrationInput, ModelChoice } from '#control';
import { isRefusal, type PersonPrincipal, type Refusal, type TenantId } from '#core';
import type { OpenDatabase } from '../compose/database.ts';
import { installIntegration, removeIntegration } from '../compose/integration-ports.ts';
import type { Rooms } from '../compose/rooms.ts';
import type { Workflows } from '../compose/workflows.ts';
import type { Parts } from './parts.ts';
import { readTemplate, SAMPLE_WORKFLOW, sampleBundle } from './sample-bundle.ts';

export const SAMPLE_SHOP = 'demo-shop';
export const SAMPLE_MODEL = 'demo-model';

const NO_LIMITS: AutonomyInput = {
  currency: null,
  perCall: null,
  perCustomerDay: null,
  perDay: null,
  timesPerCustomerDay: null,
  fourEyesAbove: null,
};
/** What the demo lets run without a person: larger refunds and messages to others wait for one, and the largest for two. */
export const DEMO_AUTONOMY: Readonly<Record<string, AutonomyInput>> = {
  'refunds.create': { ...NO_LIMITS, currency: 'USD', perCall: '50.00', perCustomerDay: '50.00', fourEyesAbove: '200.00' },
  'tickets.reply': { ...NO_LIMITS, timesPerCustomerDay: 20 },
  'messages.send': { ...NO_LIMITS, timesPerCustomerDay: 20 },
};

const COMMON = { prompts: [], autonomy: {}, models: [], linkHosts: [], manifest: null, credential: null, spending: null } as const;

export interface SampleRooms {
  readonly rooms: Rooms;
  readonly database: OpenDatabase;
  readonly workflows: Workflows;
}

/** Where the demo's own parts are, as integrations. Again after a restart, because they may listen elsewhere now. */
export async function installIntegrations(
  { rooms, database }: SampleRooms,
  tenant: TenantId,
  actor: string,
  parts: Pick<Parts, 'shop' | 'model'>,
): Promise<Refusal | null> {
  const installer = { tenant, actor, isSample: true };
  for (const input of integrationsOf(parts)) {
    const installed = await installIntegration(rooms, database, installer, input);
    if (isRefusal(installed)) return installed;
  }
  return null;
}

export interface PartUrls {
  readonly shop: { readonly url: string };
  readonly model: { readonly url: string } | null;
}

export function integrationsOf({ shop, model }: PartUrls, autonomy = DEMO_AUTONOMY): readonly IntegrationInput[] {
  const shopInput: IntegrationInput = {
    ...COMMON,
    name: SAMPLE_SHOP,
    kind: 'http',
    baseUrl: shop.url,
    manifest: parse(readFileSync(demoShopManifest, 'utf8')),
    credential: { header: 'x-shop-access-token', prefix: '', secret: DEMO_SHOP_TOKEN },
    linkHosts: [SHOP_HOST],
    autonomy,
  };
  if (model === null) return [shopInput];
  return [
    shopInput,
    { ...COMMON, name: SAMPLE_MODEL, kind: 'model', baseUrl: `${model.url}/v1`, models: CAPTURED_MODELS, linkHosts: [SHOP_HOST] },
  ];
}

/** A fresh secret for the shop's deliveries. It is never kept: a restart makes another. */
export async function newHook(
  { rooms }: SampleRooms,
  tenant: TenantId,
  actor: string,
): Promise<{ readonly path: string; readonly secret: string }> {
  const { secret } = await rooms.hooks.create({ tenant, integration: SAMPLE_SHOP, actor });
  return { path: tenant === rooms.tenant ? `/hooks/${SAMPLE_SHOP}` : `/hooks/${tenant}/${SAMPLE_SHOP}`, secret };
}

/** Imported, approved and published by the person who pressed the button, like any workflow. */
export async function installWorkflow(
  { workflows }: SampleRooms,
  person: PersonPrincipal,
  model: ModelChoice | null,
): Promise<Refusal | null> {
  const { registry } = workflows;
  const imported = await registry.importBundle(person, sampleBundle(readTemplate(), model), 'sample');
  if (isRefusal(imported)) return imported;
  const { hash } = imported;
  const approved = await registry.approveSample(person, SAMPLE_WORKFLOW, hash);
  if (isRefusal(approved)) return approved;
  const published = await registry.publish(person, SAMPLE_WORKFLOW, hash);
  return isRefusal(published) ? published : null;
}

export const sampleIntegrations = ({ catalogue }: Rooms, tenant: TenantId): readonly string[] =>
  catalogue
    .list(tenant)
    .filter((integration) => integration.isSample)
    .map((integration) => integration.name);

/** Keys first, so that nothing new begins; then what ran, what waited, what was reached and what was counted. */
export async function removeSamples(sample: SampleRooms, tenant: TenantId, actor: string): Promise<void> {
  const { rooms, database, workflows } = sample;
  const integrations = sampleIntegrations(rooms, tenant);
  const workloads = await rooms.identity.removeSamples(tenant, actor);
  const runs = await workflows.samples.remove(tenant, actor, integrations);
  for (const name of integrations) await removeIntegration(rooms, database, { tenant, actor }, name);
  await rooms.approvals.removeSamples({ tenant, integrations, workloads, actor });
  await database.database.inTenant(tenant, async (tx) => {
    await rooms.limits.forget(tx, tenant, integrations);
    await rooms.effects.forget(tx, tenant, integrations);
    for (const run of runs) await rooms.guard.runs.forget(tx, tenant, run);
  });
}
