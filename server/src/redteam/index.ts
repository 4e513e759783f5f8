// Front door of the room.

export { redteamCodes } from './errors.ts';
export { type InsiderReport, type RedteamPorts, runInsider, scenarioNames } from './run-insider.ts';
export { AGENCY_TENANT, INSIDER_TENANT } from './stage.ts';
export { TAMPERS, type TamperName, tamperWith } from './store/tamper-log.ts';
export type { As, Outcome, Reply, ScenarioResult, Step, Tamper, TamperTrial } from './types.ts';
