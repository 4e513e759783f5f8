// Runs the captured model as a program: node demo/captured-model/main.ts [--port 4831]. For demonstrations only.

import process from 'node:process';
import { parseArgs } from 'node:util';
import { startCapturedModel } from './server.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '4831' } } });
const model = await startCapturedModel({ port: Number(values.port) });
process.stdout.write(`CAPTURED MODEL (demo: obeys any instruction it reads, on purpose) on ${model.url}/v1\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void model.close().then(() => process.exit(0)));
