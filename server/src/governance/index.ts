export { governanceCodes } from './errors.ts';
export { governanceEvents } from './events.ts';
export { migrations } from './migrations/index.ts';
