// Builds the console before its tests, when it is not built from these sources already.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export function setup(): void {
  execFileSync(process.execPath, [join(import.meta.dirname, '../build.js')], { stdio: 'inherit' });
}
