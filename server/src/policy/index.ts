export type { AuthorizationInput, PolicyAction } from './authorization-input.ts';
export { createPolicy, type Policy } from './create-policy.ts';
export type { CedarEngine } from './engine.ts';
export { policyCodes } from './errors.ts';
export { policyFiles, policySchemaFile } from './policy-files.ts';
