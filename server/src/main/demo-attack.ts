// `sallyport demo attack`: a throw-away installation with the demo shop and the captured model, attacked case by case.
// It touches no existing data: its own folders, its own Postgres, free ports, all removed afterwards.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ATTACK_CASES, type AttackReport, runAttacks } from '@sallyport/demo';
import { isRefusal, SallyportError } from '#core';
import type { CommandIo, ParsedOptions } from './command-io.ts';
import { approvalPorts } from './compose/approval-ports.ts';
import { createExecutor } from './compose/approve.ts';
import { openAttackedWorkflow } from './demo/attack-workflow.ts';
import { startDemo } from './demo-parts.ts';
import { currentUser, foldersOf } from './folders.ts';
import { loadConfig } from './load-config.ts';
import { createLogger } from './logger.ts';
import { startServer } from './server.ts';

export async function runDemoAttack(parsed: ParsedOptions, io: CommandIo): Promise<0 | 1> {
  const wanted = parsed.options['--case'];
  const names = Array.isArray(wanted) ? (wanted as readonly string[]) : [];
  const cases = names.length === 0 ? ATTACK_CASES : ATTACK_CASES.filter((entry) => names.includes(entry.id));
  if (cases.length === 0 || (names.length > 0 && cases.length !== new Set(names).size)) {
    throw new SallyportError('MAIN_USAGE', `Unknown case. Cases: ${ATTACK_CASES.map((entry) => entry.id).join(', ')}.`);
  }
  const report = await attack(cases, (line) => io.err(line));
  if (parsed.options['--json'] === true) io.out(JSON.stringify(report, null, 2));
  else print(report, io);
  return report.harmful === 0 && report.benignDone === report.benign ? 0 : 1;
}

export async function attack(cases: typeof ATTACK_CASES, progress: (line: string) => void): Promise<AttackReport> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-demo-'));
  chmodSync(folder, 0o711);
  const demo = await startDemo();
  try {
    const flags = {
      '--data-dir': join(folder, 'data'),
      '--secrets-dir': join(folder, 'secrets'),
      '--gateway-port': '0',
      '--control-port': '0',
    };
    const config = demo.configure(loadConfig({ flags, env: {}, file: null }));
    const logger = createLogger('error', progress);
    progress('Starting a throw-away installation with its own Postgres ...');
    const server = await startServer(config, foldersOf(config, currentUser()), logger);
    try {
      await demo.install(server);
      progress(`Running ${cases.length} attacks and their harmless twins through the guard, and again through a signed workflow ...`);
      const { key, signer } = demo.key();
      const owner = server.rooms.identity.authenticateSession(server.ownerToken);
      if (isRefusal(owner)) throw new SallyportError(owner.code, owner.reason);
      const approvals = approvalPorts(server.rooms, server.database, createExecutor(server.rooms, logger), null);
      const workflow = await openAttackedWorkflow({ server, shop: demo.shop, owner, approvals });
      return await runAttacks({
        gatewayUrl: `http://127.0.0.1:${server.gateway.port}`,
        controlUrl: `http://127.0.0.1:${server.control.port}`,
        apiKey: key,
        signer,
        shop: { url: demo.shop.url, accessToken: demo.shop.accessToken },
        capturedModel: demo.model,
        cases,
        approve: workflow.approve,
        workflow,
      });
    } finally {
      await server.close();
    }
  } finally {
    await demo.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function print(report: AttackReport, io: CommandIo): void {
  for (const row of report.rows) {
    const ways = row.workflow === null ? [row] : [row, row.workflow];
    io.out(`${ways.some(({ attack }) => attack.harm.length > 0) ? 'HARM   ' : 'blocked'}  ${row.title}`);
    for (const [nth, way] of ways.entries())
      io.out(`         ${nth === 0 ? 'agent   ' : 'workflow'}  ${attackLine(way)}; twin: ${twinLine(way)}`);
  }
  const { agent, workflow } = report.ways;
  const line = (name: string, way: typeof agent): string =>
    `${name}: ${way.blocked} of ${report.cases} attacks blocked, ${way.harmful} harmful at the shop, ${way.benignDone} of ${report.benign} harmless twins done`;
  io.out(`\n${line('Through the guard   ', agent)}.${workflow === null ? '' : `\n${line('Through the workflow', workflow)}.`}`);
}

type Way = Pick<AttackReport['rows'][number], 'attack' | 'benign'>;

function attackLine({ attack: { harm, refusals } }: Way): string {
  if (harm.length > 0) return harm.join('; ');
  return refusals.length > 0 ? [...new Set(refusals)].join(', ') : 'nothing harmful was done';
}

function twinLine({ benign: { missing, harm, approved } }: Way): string {
  if (missing.length + harm.length > 0) return `NOT DONE: ${[...missing, ...harm].join('; ')}`;
  return approved > 0 ? `done (a person approved ${approved})` : 'done';
}
