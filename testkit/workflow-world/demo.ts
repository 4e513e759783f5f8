// The demo shop and the captured model under the names the templates use, and the control plane's calls that bring a template to run.

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CAPTURED_MODELS, DEMO_SHOP_TOKEN, demoShopManifest, SHOP_HOST, startCapturedModel, startDemoShop } from '@sallyport/demo';
import { parse } from 'yaml';

export type Shop = Awaited<ReturnType<typeof startDemoShop>>;

export interface DemoUpstreams {
  readonly shop: Shop;
  readonly model: Awaited<ReturnType<typeof startCapturedModel>>;
  readonly allowPrivate: readonly string[];
  close(): Promise<void>;
}

export async function openDemoUpstreams(): Promise<DemoUpstreams> {
  const shop = await startDemoShop({ port: 0, seed: 1 });
  const model = await startCapturedModel({ port: 0 });
  return {
    shop,
    model,
    allowPrivate: [new URL(shop.url).host, new URL(model.url).host],
    close: async () => {
      await shop.close();
      await model.close();
    },
  };
}

/** Calls the control plane as the owner. */
export type WorkflowOwner = (
  method: string,
  path: string,
  body?: unknown,
) => Promise<{ readonly status: number; readonly body: Record<string, unknown> }>;

export const AUTONOMY = {
  'refunds.create': { currency: 'USD', perCall: '50.00', perCustomerDay: '50.00' },
  'tickets.reply': { timesPerCustomerDay: 100 },
} as const;

const TEMPLATES = resolve(import.meta.dirname, '..', '..', 'server', 'templates');

/** Every file of a template, as the command line would send it. */
export function readTemplate(name: string): Record<string, string> {
  const folder = join(TEMPLATES, name);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((file) => {
      const path = join(file.parentPath, file.name);
      return [path.slice(folder.length + 1), readFileSync(path, 'utf8')];
    }),
  );
}

/** Installs both integrations and publishes the template; gives its hash. */
export async function installDemo(
  owner: WorkflowOwner,
  upstreams: DemoUpstreams,
  template = 'support-reply',
  autonomy: Readonly<Record<string, object>> = AUTONOMY,
): Promise<string> {
  const must = async (method: string, path: string, body: unknown): Promise<Record<string, unknown>> => {
    const answer = await owner(method, path, body);
    if (answer.status >= 300) throw new Error(`${path} answers ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  await must('PUT', '/api/integrations/demo-model', { kind: 'model', baseUrl: `${upstreams.model.url}/v1`, models: CAPTURED_MODELS });
  await must('PUT', '/api/integrations/demo-shop', {
    kind: 'http',
    baseUrl: upstreams.shop.url,
    manifest: parse(readFileSync(demoShopManifest, 'utf8')),
    credential: { header: 'x-shop-access-token', secret: DEMO_SHOP_TOKEN },
    linkHosts: [SHOP_HOST],
    autonomy,
  });
  const { hash } = await must('POST', '/api/workflows', { files: readTemplate(template) });
  await must('POST', `/api/workflows/${template}/approve`, { hash });
  await must('POST', `/api/workflows/${template}/publish`, { hash });
  return hash as string;
}

/** The run once it ended, or once a step of it waits for a person when `untilWaiting`. */
export async function waitForRun(owner: WorkflowOwner, run: string, untilWaiting = false): Promise<Record<string, unknown>> {
  for (;;) {
    const { body } = await owner('GET', `/api/workflow-runs/${run}`);
    const phases = body.phases as readonly { readonly outcome: string }[];
    if (body.state !== 'running' || (untilWaiting && phases.some((phase) => phase.outcome === 'waiting'))) return body;
    await pause(25);
  }
}

/** Says yes to whatever the run asks, until it is over. */
export async function approveUntilDone(owner: WorkflowOwner, run: string): Promise<Record<string, unknown>> {
  for (;;) {
    const state = await waitForRun(owner, run, true);
    if (state.state !== 'running') return state;
    const { body } = await owner('GET', '/api/approvals');
    for (const { id, digest, state: standing } of body.approvals as readonly { id: string; digest: string; state: string }[]) {
      if (standing === 'pending') await owner('POST', `/api/approvals/${id}/approve`, { digest });
    }
    await pause(100);
  }
}
