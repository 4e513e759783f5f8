// Vitest global set-up of the projects that need a database: one cluster for the run, stopped at its end.

import type { TestProject } from 'vitest/node';
import { startTestCluster, type TestCluster } from './cluster.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    testCluster: TestCluster;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await startTestCluster();
  project.provide('testCluster', { adminUrl: cluster.adminUrl, appUrl: cluster.appUrl });
  return () => cluster.stop();
}
