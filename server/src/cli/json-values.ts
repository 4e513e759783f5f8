// The JSON values of a file, one at a time, however long it is: the members of one top-level list, or values that follow each other
// (JSON Lines, or one document over many lines). One value is held at a time.

import { isJsonFault, type JsonValue, parseStrictJson, SallyportError } from '#core';

/** One record; a longer one is held by nobody. */
const MAX_VALUE_CHARS = 32 * 1024 * 1024;
const LIMITS = { maxBytes: 4 * MAX_VALUE_CHARS, maxDepth: 64, maxMembers: 2_000_000 };

export interface NumberedLine {
  readonly number: number;
  readonly text: string;
}

export interface FoundValue {
  readonly value: JsonValue;
  /** The line on which it begins. */
  readonly line: number;
  /** Whether it is a member of the file's one list. */
  readonly isMember: boolean;
}

function unreadable(path: string, line: number, what: string): SallyportError {
  return new SallyportError('CLI_INPUT_UNREADABLE', `${path === '-' ? 'standard input' : path} line ${line}: ${what}`);
}

const SPACE = /[\s\ufeff]/;

export async function* jsonValues(lines: AsyncIterable<NumberedLine>, path: string): AsyncGenerator<FoundValue> {
  let isList: boolean | null = null;
  let isClosed = false;
  let held = '';
  let begun = 0;
  let depth = 0;
  let inString = false;
  let escaped = false;
  let last = 1;

  const take = (): FoundValue => {
    const parsed = parseStrictJson(held, LIMITS);
    if (isJsonFault(parsed)) throw unreadable(path, begun, `is not JSON that can be read one way only (${parsed.code}).`);
    held = '';
    return { value: parsed, line: begun, isMember: isList === true };
  };

  for await (const { number, text } of lines) {
    last = number;
    const line = `${text}\n`;
    let from = 0;
    for (let at = 0; at < line.length; at += 1) {
      const char = line[at] as string;
      if (inString) {
        if (escaped) escaped = false;
        else if (char === '\\') escaped = true;
        else if (char === '"') inString = false;
        continue;
      }
      if (held === '' && from === at && SPACE.test(char)) {
        from = at + 1;
        continue;
      }
      if (isList === null) {
        isList = char === '[';
        if (isList) {
          from = at + 1;
          continue;
        }
      }
      if (isClosed) throw unreadable(path, number, 'something follows the list.');
      if (held === '' && from === at) begun = number;
      const isEnd = depth === 0 && (isList ? char === ',' || char === ']' : SPACE.test(char));
      if (isEnd) {
        held += line.slice(from, at);
        from = at + 1;
        if (held.trim() !== '') yield take();
        else if (char === ',') throw unreadable(path, number, 'a member of the list is missing.');
        held = '';
        if (char === ']') isClosed = true;
        continue;
      }
      if (char === '"') inString = true;
      else if (char === '{' || char === '[') depth += 1;
      else if (char === '}' || char === ']') {
        depth -= 1;
        if (depth < 0) throw unreadable(path, number, 'a bracket closes what was not opened.');
        if (depth === 0 && !isList) {
          held += line.slice(from, at + 1);
          from = at + 1;
          yield take();
        }
      }
    }
    held += line.slice(from);
    if (held.length > MAX_VALUE_CHARS) throw unreadable(path, begun, `a value is longer than ${MAX_VALUE_CHARS} characters.`);
  }
  if (isList === true && !isClosed) throw unreadable(path, last, 'the list is not closed.');
  if (held.trim() !== '') yield take();
}
