export { controlCodes } from './errors.ts';
export { controlEvents } from './events.ts';
export type * from './ports.ts';
export { CALL_OUTCOMES } from './ports.ts';
export { type Access, accessOf, NARROWED, OPEN_BEFORE_CONFIRMATION, ROUTE_ACTIONS, type Route } from './route-actions.ts';
export { type ControlServer, createControlServer } from './server.ts';
export { FOR_THE_INSTALLATION } from './visiting.ts';
