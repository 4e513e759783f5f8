// The demo parts beside a throw-away server, for attacks and tests: the careless shop and the captured model, installed as ordinary
// integrations with a key for the demo agent. The demo that visitors see is in ./demo; nothing here runs in a real installation.

import {
  CAPTURED_MODELS,
  type CapturedModelOptions,
  createBindingSigner,
  type DemoShop,
  type DemoShopOptions,
  generateBindingKey,
  startCapturedModel,
  startDemoShop,
} from '@sallyport/demo';
import type { AutonomyInput, IntegrationInput } from '#control';
import { isRefusal, SallyportError } from '#core';
import { accessPorts } from './compose/access-ports.ts';
import { integrationPorts } from './compose/integration-ports.ts';
import { DEMO_AUTONOMY, integrationsOf } from './demo/samples.ts';
import type { Server } from './server.ts';
import type { Config } from './settings.ts';

/** Attacks are decided by one honest person, who must not wait for another. */
const ONE_PERSON = { ...DEMO_AUTONOMY, 'refunds.create': { ...(DEMO_AUTONOMY['refunds.create'] as AutonomyInput), fourEyesAbove: null } };

export interface DemoKey {
  readonly key: string;
  readonly workload: string;
  readonly signer: ReturnType<typeof createBindingSigner>;
}

export interface Demo {
  readonly shop: Awaited<ReturnType<typeof startDemoShop>>;
  readonly model: Awaited<ReturnType<typeof startCapturedModel>>;
  /** The configuration with the demo's own addresses allowed. */
  configure(config: Config): Config;
  /** Installs integrations, a workload and a key; returns lines for the banner. */
  install(server: Server): Promise<readonly string[]>;
  /** The key of the last installation. */
  key(): DemoKey;
  close(): Promise<void>;
}

/** Secrets and onlookers of the parts, where a sweep plants them. */
export interface DemoOptions {
  readonly shop?: Pick<DemoShopOptions, 'accessToken' | 'onRequest'>;
  readonly model?: Pick<CapturedModelOptions, 'apiKey'>;
}

export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const shop = await startDemoShop({ port: 0, seed: 1, ...options.shop });
  const model = await startCapturedModel({ port: 0, ...options.model });
  let installed: DemoKey | null = null;
  return {
    shop,
    model,
    configure: (config) => ({ ...config, allowPrivate: [...config.allowPrivate, new URL(shop.url).host, new URL(model.url).host] }),
    install: async (server) => {
      installed = await install(server, { shop, model, providerKey: options.model?.apiKey ?? null });
      return [
        `  demo           a shop without protection and a model that obeys anybody, for show only`,
        `                 key ${installed.key}   model ${CAPTURED_MODELS[0]}   shop /connect/demo-shop`,
      ];
    },
    key: () => {
      if (installed === null) throw new Error('install() comes first');
      return installed;
    },
    close: async () => {
      await shop.close();
      await model.close();
    },
  };
}

interface Parts {
  readonly shop: DemoShop;
  readonly model: { readonly url: string };
  readonly providerKey: string | null;
}

async function install(server: Server, { shop, model, providerKey }: Parts): Promise<DemoKey> {
  const { rooms } = server;
  const owner = rooms.identity.authenticateSession(server.ownerToken);
  if (isRefusal(owner)) throw new SallyportError('MAIN_SECRET_FILE_UNUSABLE', 'The owner credential is not accepted.');
  const integrations = integrationPorts(rooms, server.database);
  const access = accessPorts(rooms);
  for (const input of integrationsOf({ shop, model }, ONE_PERSON))
    must(await integrations.put(owner, { ...input, credential: credentialOf(input, { shop, providerKey }) }));
  const binding = generateBindingKey();
  const workload = must(
    await access.workloads.create(owner, {
      name: `demo-agent-${Date.now().toString(36)}`,
      workflow: null,
      integrations: ['demo-model', 'demo-shop'],
      publicKey: binding.publicKeyJwk,
    }),
  );
  const key = must(await access.keys.create(owner, { workload: workload.id, expiresInDays: 1 }));
  return { key: key.key, workload: workload.id, signer: createBindingSigner({ workload: workload.id, privateKey: binding.privateKey }) };
}

function credentialOf(input: IntegrationInput, { shop, providerKey }: Pick<Parts, 'shop' | 'providerKey'>): IntegrationInput['credential'] {
  if (input.kind === 'model')
    return providerKey === null ? input.credential : { header: 'authorization', prefix: 'Bearer ', secret: providerKey };
  return input.credential === null ? null : { ...input.credential, secret: shop.accessToken };
}

function must<T>(result: T): Exclude<T, { kind: 'deny' }> {
  if (isRefusal(result)) throw new SallyportError(result.code, result.reason);
  return result as Exclude<T, { kind: 'deny' }>;
}
