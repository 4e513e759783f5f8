// The support template as the demo runs it: under a name of its own, so that nobody's own copy is touched, and with the chosen model.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isScalar, parseDocument, visit } from 'yaml';
import type { ModelChoice } from '#control';

export const SAMPLE_WORKFLOW = 'demo-support-reply';
const TEMPLATE = join(import.meta.dirname, '..', '..', '..', 'templates', 'support-reply');

/** Every file of the template by its path, as an import would send it. */
export function readTemplate(): Record<string, string> {
  const files = readdirSync(TEMPLATE, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((file) => {
      const path = join(file.parentPath, file.name);
      return [path.slice(TEMPLATE.length + 1).replaceAll('\\', '/'), readFileSync(path, 'utf8')];
    }),
  );
}

export function sampleBundle(files: Readonly<Record<string, string>>, model: ModelChoice | null): Record<string, string> {
  const document = parseDocument(files['workflow.yaml'] ?? '');
  document.set('name', SAMPLE_WORKFLOW);
  if (model !== null) {
    document.setIn(['uses', 'models'], document.createNode({ [model.model]: model.integration }));
    visit(document, {
      Pair: (_key, pair) => {
        if (isScalar(pair.key) && pair.key.value === 'model' && isScalar(pair.value)) pair.value.value = model.model;
      },
    });
  }
  return { ...files, 'workflow.yaml': document.toString({ lineWidth: 0 }) };
}
