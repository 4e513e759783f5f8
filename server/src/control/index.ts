export { controlCodes } from './errors.ts';
export type * from './ports.ts';
export { CALL_OUTCOMES } from './ports.ts';
export { ROUTE_ROLES } from './route-roles.ts';
export { type ControlServer, createControlServer } from './server.ts';
