export type { Credential } from './credential.ts';
export { gatewayCodes } from './errors.ts';
export type { HookPorts } from './hooks.ts';
export { decodeChat, openaiProtocol } from './openai/index.ts';
export { type GatewayOrigins, parseResourcePath } from './resources.ts';
export { createGateway, type Gateway, type GatewayDeps } from './server.ts';
