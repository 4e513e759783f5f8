#!/usr/bin/env node
// The offline verifier as an npm command. Plain JavaScript that any Node from 20 on runs: it needs neither the server nor its Node.

import { main } from '../server/src/audit/verifier/generated/sallyport-verify.mjs';

process.exitCode = await main(process.argv.slice(2));
