// Loads the Cedar engine and the policy files from disk for the pure room that decides with them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { createPolicy, type Policy, policyFiles, policySchemaFile } from '#policy';

const FOLDER = join(import.meta.dirname, '../../policy/policies');

export function loadPolicy(): Policy {
  const text = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');
  const policies = Object.fromEntries(policyFiles.map((name) => [name, text(`${name}.cedar`)]));
  return createPolicy({ engine: cedar, schema: text(policySchemaFile), policies });
}
