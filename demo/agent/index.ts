// Front door of the demo agent.
export {
  BINDING_HEADER,
  type BindingSigner,
  type CallOrigin,
  createBindingSigner,
  generateBindingKey,
  newRunId,
  type VerifiedCustomer,
} from './binding.ts';
export {
  type AgentConfig,
  type AgentResult,
  type AgentStep,
  type ChannelTicket,
  type OnWaiting,
  type PendingCall,
  runAgent,
} from './run.ts';
export { callShop, type Endpoint, type ShopAnswer } from './shop-client.ts';
export { AGENT_TOOLS, declaredTools, type ToolRequest, toolRequest } from './tools.ts';
