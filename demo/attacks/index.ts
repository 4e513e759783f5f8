// Front door of the demo attacks.
export { ATTACK_CASES } from './cases/index.ts';
export {
  type AttackOptions,
  type AttackReport,
  type AttackRow,
  runAttacks,
  runUnguarded,
  type SideReport,
  type WayReport,
} from './harness.ts';
export { createHonestPerson, harmInText, harmOfEffects, missingFrom, type PersonalValue, personalValues, valuesIn } from './judge.ts';
export type { Asked, AttackCase, Cast, Scenario } from './types.ts';
export type { RunNews, WaitingCall, WorkflowTarget } from './workflow-side.ts';
export { type ModelAddress, modelInputsAfter, type ShopAddress } from './world.ts';
