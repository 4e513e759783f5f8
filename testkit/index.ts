// Front door of the testkit.

export { ask } from './ask.ts';
export { newEvent, newTenant, testEvents } from './events.ts';
export { findCatalogues, findEvents, partialEvents, testCatalogue } from './find-events.ts';
export { type DeviceAssertion, type PasskeyDevice, passkeyDevice } from './passkey-device.ts';
export { type TestPerson, testGrant, testPerson } from './people.ts';
export { type FixedClock, fixedClock, nodeDigest, type SeededRandom, seededRandom } from './ports.ts';
export { type PostgresHome, postgresHome } from './postgres-home.ts';
export { sharedData } from './shared-data.ts';
export { codeOf, granted, type Signer, signersOf } from './signers.ts';
export { type ChildSupervisor, superviseElsewhere } from './supervisor.ts';
export { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
export { isRoot, NOBODY, type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';
export { type TestDatabase, testDatabase } from './test-database.ts';
export { startUnsafePostgres, type UnsafePostgres } from './unsafe-postgres.ts';
