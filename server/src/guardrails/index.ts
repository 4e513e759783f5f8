export { guardrailsCodes } from './errors.ts';
export { judgeUrl, type LinkUse, type LinkVerdict, type OutputPolicy } from './link-rules.ts';
export { SCHEMA_LIMITS, type SchemaFault, type SchemaLimits, validateSchema } from './schema.ts';
export { type InjectionDetector, type InputLimits, type InputScreen, screenInput } from './screen-input.ts';
export type { Signal, SignalKind } from './signal.ts';
export { createTextScreen } from './text-screen.ts';
export type { Screened, TextScreen, TextVerdict } from './text-verdict.ts';
export { type RequestedCall, screenToolCalls } from './tool-calls.ts';
