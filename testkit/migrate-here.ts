// A process of its own that migrates, for tests that kill it. Arguments: admin URL, migrations as JSON.

import { type Migration, migrate } from '../server/src/storage/index.ts';

const [, , adminUrl = '', migrations = '[]'] = process.argv;
const report = await migrate({ adminUrl, migrations: JSON.parse(migrations) as Migration[] });
console.log(JSON.stringify(report));
