export { fixedClock, nodeDigest, seededRandom } from './ports.ts';
export { sharedData } from './shared-data.ts';
export { type TestDatabase, testDatabase } from './test-database.ts';
