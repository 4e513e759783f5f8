// What "Connect mine" asks and does: providers, a program with its key, the first call.

import { queryOptions } from '@tanstack/react-query';
import { api, queryOf } from './client.ts';

export interface ConnectSearch {
  readonly integration?: string;
  readonly workload?: string;
  readonly model?: string;
}

export interface Connect {
  /** Where programs send their calls. */
  readonly gateway: string;
  readonly models: readonly { readonly id: string; readonly integration: string; readonly sample: boolean }[];
  readonly firstCall: { readonly call: string; readonly at: string; readonly run: string | null } | null;
}

/** Somebody waits for the tick. */
const LOOK_MS = 1_000;

export const connectQuery = (workload: string | undefined) =>
  queryOptions({
    queryKey: ['connect', workload ?? ''],
    queryFn: () => api<Connect>('GET', `/api/connect${queryOf({ workload })}`),
    refetchInterval: ({ state }) => (workload === undefined || (state.data?.firstCall ?? null) !== null ? false : LOOK_MS),
  });

export interface Provider {
  readonly name: string;
  readonly baseUrl: string;
  readonly key: string;
  readonly models: readonly string[];
}

const NOTHING = { manifest: null, credential: null, models: [], linkHosts: [], prompts: [], autonomy: {}, spending: null };

export const addProvider = ({ name, baseUrl, key, models }: Provider): Promise<unknown> =>
  api('PUT', `/api/integrations/${encodeURIComponent(name)}`, {
    ...NOTHING,
    kind: 'model',
    baseUrl,
    models,
    credential: key === '' ? null : { header: 'authorization', prefix: 'Bearer ', secret: key },
  });

export interface Shop {
  readonly name: string;
  readonly baseUrl: string;
  readonly manifest: unknown;
  readonly header: string;
  readonly prefix: string;
  readonly secret: string;
}

export const addShop = ({ name, baseUrl, manifest, header, prefix, secret }: Shop): Promise<unknown> =>
  api('PUT', `/api/integrations/${encodeURIComponent(name)}`, {
    ...NOTHING,
    kind: 'http',
    baseUrl,
    manifest,
    credential: secret === '' ? null : { header, prefix: prefix === '' ? '' : `${prefix.trim()} `, secret },
  });

/** A program that may reach these integrations, and its one key. */
export async function addProgram(
  name: string,
  integrations: readonly string[],
): Promise<{ readonly workload: string; readonly key: string }> {
  const workload = await api<{ id: string }>('POST', '/api/workloads', { name, integrations });
  const key = await api<{ key: string }>('POST', '/api/keys', { workload: workload.id, expiresInDays: KEY_DAYS });
  return { workload: workload.id, key: key.key };
}
const KEY_DAYS = 90;
