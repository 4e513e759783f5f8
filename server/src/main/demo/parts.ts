// The demo's own servers, inside this process: the careless shop and, unless a provider answers, the captured model. Loopback only, and
// reachable by sample integrations alone.

import { type CapturedModel, type DemoShop, type ShopSnapshot, startCapturedModel, startDemoShop } from '@sallyport/demo';

export interface Parts {
  readonly shop: DemoShop;
  /** `null` when a provider answers. */
  readonly model: CapturedModel | null;
  readonly ports: { readonly shop: number; readonly model: number };
  /** `host:port` of each. */
  readonly addresses: readonly string[];
  close(): Promise<void>;
}

export interface PartsOptions {
  readonly withModel: boolean;
  /** Tried first, so that what is installed stays true after a restart. */
  readonly ports: { readonly shop: number; readonly model: number };
  readonly resume: ShopSnapshot | null;
  readonly onChange: () => void;
}

const SEED = 1;
const portOf = (url: string): number => Number(new URL(url).port);

export async function startParts({ withModel, ports, resume, onChange }: PartsOptions): Promise<Parts> {
  const shop = await onPort(ports.shop, (port) => startDemoShop({ port, seed: SEED, onChange, ...(resume === null ? {} : { resume }) }));
  const model = withModel
    ? await onPort(ports.model, (port) => startCapturedModel({ port })).catch(async (fault: unknown) => {
        await shop.close();
        throw fault;
      })
    : null;
  const urls = model === null ? [shop.url] : [shop.url, model.url];
  return {
    shop,
    model,
    ports: { shop: portOf(shop.url), model: model === null ? 0 : portOf(model.url) },
    addresses: urls.map((url) => new URL(url).host),
    close: async () => {
      await shop.close();
      await model?.close();
    },
  };
}

/** Another program may have taken the port meanwhile; any other will do. */
async function onPort<T>(port: number, start: (port: number) => Promise<T>): Promise<T> {
  return start(port).catch((fault: unknown) => {
    if (port === 0) throw fault;
    return start(0);
  });
}
