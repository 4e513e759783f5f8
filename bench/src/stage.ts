// What every gateway bench needs around it: a folder, the upstream, the load generator, and the subjects that could be started.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MODEL } from './bodies.ts';
import { createLoadGenerator, type LoadGenerator } from './load.ts';
import { nodeVersion, packageVersion, versionOf } from './machine.ts';
import { type Missing, portkeyVersion, type Subject, startNginx, startPortkey, startUndiciProxy, startUpstream } from './peers.ts';
import { freePort, pinning } from './pinned.ts';
import { type StartedSallyport, startSallyport } from './sallyport.ts';

export interface Stage {
  readonly folder: string;
  readonly generator: LoadGenerator;
  readonly direct: Subject;
  readonly peers: readonly Subject[];
  readonly sallyport: (Subject & { readonly started: StartedSallyport }) | null;
  readonly missing: readonly Missing[];
  readonly versions: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
  close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
  const upstreamPort = await freePort();
  const upstream = await startUpstream(upstreamPort);
  const missing: Missing[] = [];
  const attempt = async <T>(name: string, work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (fault) {
      missing.push({ name, why: fault instanceof Error ? fault.message : String(fault) });
      return null;
    }
  };
  const peers = [
    await attempt('nginx', () => startNginx(upstreamPort, folder)),
    await attempt('undici', () => startUndiciProxy(upstreamPort)),
    await attempt('portkey', () => startPortkey(upstreamPort)),
  ].filter((peer) => peer !== null);
  const started = await attempt('sallyport', () => startSallyport(upstreamPort, folder, MODEL));
  const generator = createLoadGenerator(folder);
  const direct: Subject = {
    name: 'direct',
    chatUrl: `http://127.0.0.1:${upstreamPort}/v1/chat/completions`,
    headers: {},
    pids: () => [],
    stop: async () => {},
  };
  return {
    folder,
    generator,
    direct,
    peers,
    sallyport: started === null ? null : asSubject(started),
    missing,
    versions: versions(generator),
    notes: [
      ...(pinning() ? [] : ['programs could not be pinned to cores (one core, or no taskset): figures mix load and subject']),
      ...missing.map(({ name, why }) => `${name} is missing: ${why}`),
      'load generator and upstream share one core: the fastest peers are understated',
    ],
    close: async () => {
      await Promise.all([...peers.map((peer) => peer.stop()), started?.stop(), upstream.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function asSubject(started: StartedSallyport): Subject & { readonly started: StartedSallyport } {
  return {
    name: 'sallyport',
    chatUrl: `${started.gatewayUrl}/v1/chat/completions`,
    headers: { authorization: `Bearer ${started.apiKey}` },
    pids: started.pids,
    stop: started.stop,
    started,
  };
}

function versions(generator: LoadGenerator): Record<string, string> {
  const missing = 'missing';
  return {
    node: nodeVersion(),
    nginx: versionOf('nginx', ['-v'])?.replace('nginx version: ', '') ?? missing,
    load: generator.name,
    undici: packageVersion('undici', new URL('../package.json', import.meta.url)) ?? missing,
    portkey: portkeyVersion() ?? missing,
  };
}
