// Runs the demo shop as a program: node demo/shop/main.ts [--port 4830] [--seed 1]. For demonstrations only.

import process from 'node:process';
import { parseArgs } from 'node:util';
import { startDemoShop } from './server.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '4830' }, seed: { type: 'string', default: '1' } } });
const shop = await startDemoShop({ port: Number(values.port), seed: Number(values.seed) });
process.stdout.write(`DEMO SHOP (invented data, unprotected on purpose) on ${shop.url}, header X-Shop-Access-Token: ${shop.accessToken}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void shop.close().then(() => process.exit(0)));
