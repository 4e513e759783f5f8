// Front door of the demonstration's scenario.
export { castScenario } from './cast.ts';
export { stolenFrom } from './stolen.ts';
export { SCENARIO, SCENARIO_SIZE } from './tickets.ts';
export type { CastTicket, ScenarioTicket, Writer } from './types.ts';
