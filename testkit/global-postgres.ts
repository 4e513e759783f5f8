// Vitest global set-up of the projects that need a database: one cluster for the run, stopped at its end.

import type { TestProject } from 'vitest/node';
import { startTestCluster, type TestCluster } from './cluster.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    testCluster: TestCluster;
  }
}

let stop: (() => Promise<void>) | null = null;

export async function setup(project: TestProject): Promise<void> {
  const cluster = await startTestCluster();
  stop = () => cluster.stop();
  project.provide('testCluster', { adminUrl: cluster.adminUrl, appUrl: cluster.appUrl });
}

export async function teardown(): Promise<void> {
  await stop?.();
}
