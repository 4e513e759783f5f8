// The workflow that attacks are run through: a signed bundle like any other, with every tool of the demo shop.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const BUNDLE = join(import.meta.dirname, 'bundle');

export const ATTACKED_WORKFLOW = 'attacked-desk';

/** Every file of the bundle by its path, as an import would send it. */
export function attackedBundle(): Record<string, string> {
  const files = readdirSync(BUNDLE, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((file) => {
      const path = join(file.parentPath, file.name);
      return [path.slice(BUNDLE.length + 1).replaceAll('\\', '/'), readFileSync(path, 'utf8')];
    }),
  );
}
