export { type Access, type AccessCircumstances, type AccessDecision, type AccessQuestion, createAccess } from './access/create-access.ts';
export { accessPolicyFiles } from './access/policy-files.ts';
export type { AuthorizationInput, PolicyAction } from './authorization-input.ts';
export { createPolicy, type Policy } from './create-policy.ts';
export type { CedarEngine } from './engine.ts';
export { policyCodes } from './errors.ts';
export { policyFiles, policySchemaFile } from './policy-files.ts';
