export { gatewayCodes } from './errors.ts';
export { decodeChat, openaiProtocol } from './openai/index.ts';
export { createGateway, type Gateway, type GatewayDeps } from './server.ts';
