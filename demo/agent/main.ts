// Runs the demo agent on one ticket: through a gateway, or without one to see what an unguarded agent does.

import { readFileSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { createBindingSigner } from './binding.ts';
import { runAgent } from './run.ts';

const HELP = `DEMO AGENT: answers one ticket of the demo shop.
  --ticket ID --customer ID          the ticket and the customer whom the channel verified
  --gateway URL --key KEY            the gateway and an API key
  --workload ID --private-key FILE   who signs (Ed25519, PEM)
  --direct --shop URL --shop-token T --model-url URL   no gateway: unguarded, for comparison
`;

const { values } = parseArgs({
  options: {
    ticket: { type: 'string', default: 't101' },
    customer: { type: 'string', default: 'c101' },
    gateway: { type: 'string', default: 'http://127.0.0.1:4800' },
    key: { type: 'string', default: '' },
    workload: { type: 'string', default: '' },
    'private-key': { type: 'string' },
    direct: { type: 'boolean', default: false },
    shop: { type: 'string', default: 'http://127.0.0.1:4830' },
    'shop-token': { type: 'string', default: '' },
    'model-url': { type: 'string', default: 'http://127.0.0.1:4831/v1' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const bearer = { authorization: `Bearer ${values.key}` };
const file = values['private-key'];
const config = values.direct
  ? {
      model: { baseUrl: values['model-url'], headers: bearer, name: 'captured-1' },
      shop: { baseUrl: values.shop, headers: { 'x-shop-access-token': values['shop-token'] } },
      signer: null,
    }
  : {
      model: { baseUrl: `${values.gateway}/v1`, headers: bearer, name: 'captured-1' },
      shop: { baseUrl: `${values.gateway}/connect/demo-shop`, headers: bearer },
      signer: file === undefined ? null : createBindingSigner({ workload: values.workload, privateKey: readFileSync(file, 'utf8') }),
    };
const result = await runAgent(config, { ticketId: values.ticket, customer: { id: values.customer, assurance: 'session' } });
process.stdout.write(`${JSON.stringify({ demo: true, ...result }, null, 2)}\n`);
