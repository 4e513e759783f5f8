// Finds the data sets that lie beside the repository on the project's own machines. They are no part of the product.
// INVARIANT: under CI a missing data set is a failure, never a quiet skip.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const FOLDER = resolve(import.meta.dirname, '..', '..', 'shared', 'data');

/** The path of a data set, or null (and a printed line) when this machine does not have it. */
export function sharedData(name: string): string | null {
  const path = resolve(FOLDER, name);
  if (existsSync(path)) return path;
  // A test helper may look at the environment: it decides between a skip and a failure, not how the product behaves.
  if (process.env.CI) throw new Error(`the data set ${name} is missing although this is CI`);
  console.log(`skipped: the data set ${name} is not on this machine`);
  return null;
}
