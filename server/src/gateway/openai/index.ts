export { declaredTools, decodeChat } from './decode-chat.ts';
export { endStreamWithError, sendOpenaiError } from './errors.ts';
export { openaiProtocol } from './protocol.ts';
