// Applies a change to each string of a text that is JSON, leaving everything else of it, spaces and order included, as it was.

const CONTAINER = /^\s*[[{]/;
const STRING = /"(?:[^"\\]|\\.)*"/gs;

/** True when the text as a whole is a JSON object or array. */
export function isJsonContainer(text: string): boolean {
  if (!CONTAINER.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Expects a text for which `isJsonContainer` holds. */
export function mapJsonStrings(text: string, change: (value: string) => string): string {
  return text.replace(STRING, (literal) => {
    const value = JSON.parse(literal) as string;
    const changed = change(value);
    return changed === value ? literal : JSON.stringify(changed);
  });
}
