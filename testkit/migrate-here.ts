// A process of its own that migrates, for tests that kill it. Arguments: admin URL, migrations as JSON, release.
// Prints a line of JSON for each step it makes progress in, and its report.

import { type Migration, migrate } from '../server/src/storage/index.ts';

const [, , adminUrl = '', migrations = '[]', release = '1'] = process.argv;
const report = await migrate({
  adminUrl,
  migrations: JSON.parse(migrations) as Migration[],
  release: Number(release),
  onProgress: (progress) => console.log(JSON.stringify(progress)),
});
console.log(JSON.stringify(report));
