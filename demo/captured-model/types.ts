// The part of the OpenAI chat format that the captured model reads and writes. Unknown fields are ignored, as the real service does.

export interface ToolCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

export interface ContentPart {
  readonly type: string;
  readonly text?: string;
}

export interface ChatMessage {
  readonly role: string;
  readonly content?: string | readonly ContentPart[] | null;
  readonly tool_calls?: readonly ToolCall[];
  readonly tool_call_id?: string;
}

export interface Tool {
  readonly type: 'function';
  readonly function: {
    readonly name: string;
    readonly description?: string;
    readonly parameters?: { readonly properties?: Readonly<Record<string, unknown>>; readonly required?: readonly string[] };
  };
}

export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly Tool[];
  readonly tool_choice?: 'none' | 'auto' | 'required' | { readonly type: 'function'; readonly function: { readonly name: string } };
  readonly parallel_tool_calls?: boolean;
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean } | null;
  readonly response_format?: { readonly type: string; readonly json_schema?: { readonly schema?: unknown } };
  readonly max_tokens?: number | null;
  readonly max_completion_tokens?: number | null;
}

/** What the model says next. */
export interface Turn {
  readonly content: string | null;
  readonly toolCalls: readonly ToolCall[];
  readonly finish: 'stop' | 'tool_calls' | 'length';
}

export function textOf(message: ChatMessage): string {
  if (typeof message.content === 'string') return message.content;
  return (message.content ?? []).map((part) => part.text ?? '').join('\n');
}
