// Front door of the demo programs: a shop without protection, a model that obeys anybody, a careless agent, and the attacks.
// All of it is for demonstrations and measurements; nothing here belongs into a real installation.
export {
  type AgentConfig,
  type AgentResult,
  type BindingSigner,
  type ChannelTicket,
  createBindingSigner,
  generateBindingKey,
  newRunId,
  runAgent,
} from './agent/index.ts';
export {
  ATTACK_CASES,
  type AttackOptions,
  type AttackReport,
  type AttackRow,
  runAttacks,
  runUnguarded,
  type WorkflowTarget,
} from './attacks/index.ts';
export { CAPTURED_MODELS, type CapturedModel, type CapturedModelOptions, startCapturedModel } from './captured-model/index.ts';
export { type HookToSign, signHook } from './http/index.ts';
export { type CastTicket, castScenario, SCENARIO_SIZE, stolenFrom } from './scenario/index.ts';
export {
  DEMO_SHOP_TOKEN,
  type DemoShop,
  type DemoShopOptions,
  SHOP_HOST,
  type ShopEffect,
  type ShopSnapshot,
  startDemoShop,
} from './shop/index.ts';
export { ATTACKED_WORKFLOW, attackedBundle } from './workflow/index.ts';

/** The demo shop's manifest, for the guard. */
export const demoShopManifest: URL = new URL('./shop/manifest.yaml', import.meta.url);
