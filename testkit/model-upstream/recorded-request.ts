// One request as it reached the scripted provider: nothing is normalised, so that a test can compare bytes.

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  /** Names and values in turn, as they stood on the wire. */
  readonly rawHeaders: readonly string[];
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
  readonly text: string;
  json(): Record<string, unknown>;
  /** Content of the last message. */
  lastWords(): string;
}

export function recordRequest(
  head: Pick<RecordedRequest, 'method' | 'path' | 'rawHeaders' | 'headers'>,
  body: Uint8Array,
): RecordedRequest {
  const text = Buffer.from(body).toString('utf8');
  const json = (): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;
  return {
    ...head,
    body,
    text,
    json,
    lastWords: () => {
      const messages = json().messages as readonly { content?: unknown }[];
      const content = messages[messages.length - 1]?.content;
      return typeof content === 'string' ? content : JSON.stringify(content ?? '');
    },
  };
}
