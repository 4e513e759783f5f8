// `sallyport redteam run insider`: what people with rights could do against the installation they work in, tried at the running server.

import { type JsonObject, SallyportError } from '#core';
import { AGENCY_TENANT, INSIDER_TENANT, type InsiderReport, type Outcome, runInsider, scenarioNames } from '#redteam';
import { text, word } from '../arguments.ts';
import type { Command, Context, MainCommands } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printJson, visible } from '../print.ts';

const FAIL_ON = ['passed', 'not-tried', 'never'] as const;

export function redteamCommands(main: MainCommands): readonly Command[] {
  return [
    {
      name: 'redteam run',
      summary: `Try at the running server what an insider with rights could do, and say for each whether it is blocked, alerted about or passes through. Works in throw-away tenants (${INSIDER_TENANT}, ${AGENCY_TENANT}), which stay with their logs; its people are removed.`,
      positional: '<insider>',
      options: [
        { name: '--scenario', value: 'NAME', doc: `One scenario; may be given more than once: ${scenarioNames.join(', ')}.`, repeat: true },
        {
          name: '--fail-on',
          value: 'WHAT',
          doc: 'When to exit with 1: passed (something passed through, or could not be judged; the default), not-tried (that, or something could not be tried), never.',
        },
        { name: '--yes', value: null, doc: 'Do not ask.' },
        { name: '--url', value: 'URL', doc: 'Address of the control plane on this machine; the running installation by default.' },
        { name: '--token-file', value: 'FILE', doc: 'With --url: file with the bearer token of an owner there.' },
        ...main.configOptions,
      ],
      run: (context) => run(context, main),
    },
  ];
}

async function run(context: Context, main: MainCommands): Promise<ExitCode> {
  const { io, json, parsed } = context;
  const pack = word(parsed, 2, 'pack');
  if (pack !== 'insider') throw new SallyportError('CLI_USAGE', 'There is one pack: insider.');
  const failOn = FAIL_ON.find((known) => known === (text(parsed, '--fail-on') ?? 'passed'));
  if (failOn === undefined) throw new SallyportError('CLI_USAGE', `Option --fail-on is one of ${FAIL_ON.join(', ')}.`);
  const given = parsed.options['--scenario'];
  const wanted = Array.isArray(given) ? (given as readonly string[]) : [];
  if (wanted.some((name) => !scenarioNames.includes(name)))
    throw new SallyportError('REDTEAM_SCENARIO_UNKNOWN', `Scenarios: ${scenarioNames.join(', ')}.`);
  if (parsed.options['--yes'] !== true) {
    const answer = await io.ask(
      `This makes some 40 people for a minute in the tenants ${INSIDER_TENANT} and ${AGENCY_TENANT}, and raises alerts there. Type yes: `,
    );
    if (answer?.trim().toLowerCase() !== 'yes') {
      io.err('Nothing was tried.');
      return EXIT.no;
    }
  }
  const control = await context.control();
  const report = await runInsider(
    {
      ...(await main.redteam(parsed)),
      call: (method, path, body, as) => control.call(method, path, body, as),
      progress: (line) => {
        if (!json) io.err(line);
      },
    },
    wanted,
  );
  if (json) printJson(context, JSON.parse(JSON.stringify(report)) as JsonObject);
  else print(context, report);
  for (const left of report.leftBehind) io.err(`Not taken back: ${left}`);
  const isFailed = failOn !== 'never' && (!report.clean || (failOn === 'not-tried' && report.counts['not tried'] > 0));
  return isFailed ? EXIT.no : EXIT.done;
}

const SHOWN: Readonly<Record<Outcome, string>> = {
  blocked: 'blocked',
  alerted: 'alerted',
  found: 'found',
  passed: 'PASSED THROUGH',
  unclear: 'UNCLEAR',
  'not tried': 'not tried',
};

function print({ io }: Context, report: InsiderReport): void {
  for (const { scenario, title, outcome, steps } of report.scenarios) {
    io.out(`${SHOWN[outcome].padEnd(14)}  ${scenario}: ${title}`);
    for (const step of steps) {
      const seen = step.evidence.map(({ seq, id }) => `${id} (no. ${seq})`).join(', ');
      io.out(visible(`  ${SHOWN[step.outcome].padEnd(14)}  ${step.tried}: ${step.told}${seen === '' ? '' : `; ${seen}`}`));
    }
  }
  const { blocked, alerted, found, passed, unclear } = report.counts;
  const open = report.counts['not tried'];
  io.out(
    `${report.scenarios.length} scenarios: ${blocked} blocked, ${alerted} alerted, ${found} found, ${passed} passed through, ${unclear} unclear, ${open} not tried.`,
  );
}
