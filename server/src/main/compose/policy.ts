// Loads the Cedar engine and the policy files from disk for the pure room that decides with them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { type Access, accessPolicyFiles, createAccess, createPolicy, type Policy, policyFiles, policySchemaFile } from '#policy';

const ACCESS_FOLDER = join(import.meta.dirname, '../../policy/access');
const FOLDER = join(import.meta.dirname, '../../policy/policies');

export function loadPolicy(): Policy {
  const text = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');
  const policies = Object.fromEntries(policyFiles.map((name) => [name, text(`${name}.cedar`)]));
  return createPolicy({ engine: cedar, schema: text(policySchemaFile), policies });
}

export function loadAccess(): Access {
  const policies = Object.fromEntries(accessPolicyFiles.map((name) => [name, readFileSync(join(ACCESS_FOLDER, `${name}.cedar`), 'utf8')]));
  return createAccess({ engine: cedar, policies });
}
