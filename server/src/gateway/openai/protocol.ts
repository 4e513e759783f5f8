// The chat completion protocol as the guard sees it.

import type { ModelProtocol } from '#enforcement';
import { transformWhole } from './chat-reply.ts';
import { openChatStream } from './chat-stream.ts';
import { declaredTools } from './decode-chat.ts';

export const openaiProtocol: ModelProtocol = Object.freeze({ declaredTools, transformWhole, openStream: openChatStream });
