// Front door of the captured model.
export { readings } from './decode.ts';
export { findInstructions, type Instruction } from './instructions.ts';
export { CAPTURED_MODELS, type CapturedModel, type CapturedModelOptions, type LoggedRequest, startCapturedModel } from './server.ts';
export { think } from './think.ts';
export type { ChatMessage, ChatRequest, Tool, ToolCall, Turn } from './types.ts';
