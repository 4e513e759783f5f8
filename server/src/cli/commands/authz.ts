// `sallyport authz`: whether access is as the tables say, why somebody may or may not, and what a change would do.

import { isArray, isObject, type JsonObject } from '#core';
import { text, word } from '../arguments.ts';
import { type Comparison, compareTenants } from '../authz/differential.ts';
import { judge, runMatrix, type Send, type Verdict } from '../authz/matrix.ts';
import { SECOND_TENANT, temporaryPeople } from '../authz/temporary-people.ts';
import type { Command, Context } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printAnswer, printFacts, printJson, printRows, visible } from '../print.ts';
import { GRANT_OPTIONS, grantBody, SCOPE_OPTIONS } from './access-grants.ts';

export const authzCommands: readonly Command[] = [
  {
    name: 'authz test',
    summary: `Ask a running server every route with every role in two tenants, and whether one tenant sees the other's things. Adds people for it and removes them, and keeps a tenant ${SECOND_TENANT}.`,
    positional: '',
    options: [
      { name: '--yes', value: null, doc: 'Do not ask.' },
      { name: '--url', value: 'URL', doc: 'Address of the control plane on this machine; the running installation by default.' },
      { name: '--token-file', value: 'FILE', doc: 'With --url: file with the bearer token of an owner there.' },
    ],
    run: test,
  },
  {
    name: 'authz explain',
    summary: 'Whether somebody may do something, by which grant and which rule, and else who could give it; exit code 1 when they may not.',
    positional: '<action>',
    options: [{ name: '--person', value: 'ID', doc: 'Of whom; yourself by default.' }, ...SCOPE_OPTIONS],
    run: explain,
  },
  {
    name: 'authz simulate',
    summary: 'What a grant would add and bring into conflict, or what its end would take away; changes nothing, exit code 1 on a conflict.',
    positional: '[<person or group id> <role>]',
    options: [{ name: '--end', value: 'GRANT', doc: 'As if this grant ended.' }, ...GRANT_OPTIONS],
    run: simulate,
  },
];

async function test(context: Context): Promise<ExitCode> {
  const { io, json } = context;
  if (context.parsed.options['--yes'] !== true) {
    const answer = await io.ask(
      'This adds 20 people for some minutes, and asks what nobody should be let in to: alerts will say so. Type yes: ',
    );
    if (answer?.trim().toLowerCase() !== 'yes') {
      io.err('Nothing was asked.');
      return EXIT.no;
    }
  }
  const control = await context.control();
  const send: Send = (token, method, path, body) => control.call(method, path, body, { token });
  const { subjects, owners, remove } = await temporaryPeople(control);
  let left = 0;
  const outcome = await (async () => {
    try {
      // First: afterwards the second owner has been refused a lot.
      const tenants = await compareTenants(owners.second, owners.first, send, { isEmpty: true });
      const cells = await runMatrix(subjects, send, (done, of) => {
        if (!json && done % 500 === 0) io.err(`${done} of ${of}`);
      });
      return { tenants, verdict: judge(cells) };
    } finally {
      left = await remove();
    }
  })();
  const { tenants, verdict } = outcome;
  const findings = findingsOf(verdict, tenants);
  // A comparison that found nothing to compare shows nothing.
  const isClean = findings.length === 0 && verdict.unexpectedRefusals.length === 0 && tenants.compared > 0;
  if (json) {
    const { unexpectedAllows, unexpectedRefusals, ...counts } = verdict;
    const report = { ...counts, findings, unexpectedAllows, unexpectedRefusals, tenants, leftBehind: left, clean: isClean };
    printJson(context, JSON.parse(JSON.stringify(report)) as JsonObject);
  } else {
    const rows = [...verdict.unexpectedAllows, ...verdict.unexpectedRefusals].map((cell) => ({ ...cell }));
    if (rows.length > 0)
      printRows(context, rows as unknown as JsonObject[], ['tenant', 'role', 'route', 'expected', 'got', 'status', 'code'], '');
    for (const { kind, route, seen } of findings) io.out(`${kind}  ${route}: ${seen}`);
    io.out(
      `${verdict.cells} cells: ${verdict.unexpectedAllows.length} unexpected allows, ${verdict.unexpectedRefusals.length} unexpected refusals, ${verdict.byCondition} refused by a condition.`,
    );
    io.out(
      `${tenants.compared} things of the first tenant asked about from the second, on ${tenants.routes} routes: ${tenants.different.length} told apart.`,
    );
    if (left > 0) io.err(`${left} people of the test could not be removed; see sallyport people list.`);
  }
  return isClean ? EXIT.done : EXIT.no;
}

/** By the names the trade has for them: BOLA, a thing of somebody else's is reached; BFLA, an act one has no right to is. */
function findingsOf(
  verdict: Verdict,
  tenants: Comparison,
): readonly { readonly kind: 'BOLA' | 'BFLA'; readonly route: string; readonly seen: string }[] {
  const roles = Map.groupBy(verdict.unexpectedAllows, ({ route }) => route);
  return [
    ...tenants.different.map(({ route, theirs, nothing }) => ({
      kind: 'BOLA' as const,
      route,
      seen: `another tenant's thing is told apart (${theirs}, nothing is ${nothing})`,
    })),
    ...[...roles].map(([route, cells]) => ({
      kind: 'BFLA' as const,
      route,
      seen: `open to ${[...new Set(cells.map(({ role }) => role))].join(', ')}`,
    })),
  ];
}

async function explain(context: Context): Promise<ExitCode> {
  const named = SCOPE_OPTIONS.map(({ name }) => [name.slice(2), text(context.parsed, name)] as const).find(([, value]) => value !== null);
  const query = new URLSearchParams({ action: word(context.parsed, 2, 'action') });
  const person = text(context.parsed, '--person');
  if (person !== null) query.set('person', person);
  if (named !== undefined) {
    query.set('kind', named[0]);
    query.set('name', String(named[1]));
  }
  const answer = await (await context.control()).call('GET', `/api/access/explain?${query}`);
  const code = printAnswer(context, answer, (body) => {
    const grant = isObject(body.grant) ? `${String(body.grant.role)} (${String(body.grant.via)}, ${String(body.grant.id)})` : null;
    printFacts(context, {
      allowed: body.isAllowed ?? false,
      by: grant,
      rule: body.rule ?? null,
      code: body.code ?? null,
      roles: list(body.roles),
    });
    if (body.isAllowed === true) return;
    context.io.out(visible(String(body.reason ?? '')));
    context.io.out(
      `Roles that have it: ${list(body.allowedRoles) || 'none but the owner'}. Ask: ${list(body.ask) || 'nobody can give it'}.`,
    );
  });
  return code === EXIT.done && isObject(answer.body) && answer.body.isAllowed !== true ? EXIT.no : code;
}

const list = (value: unknown): string => (isArray(value as never) ? (value as readonly string[]).join(', ') : '');

async function simulate(context: Context): Promise<ExitCode> {
  const end = text(context.parsed, '--end');
  const { reason: _, ...grant } =
    end === null ? grantBody(context, word(context.parsed, 2, 'person or group'), word(context.parsed, 3, 'role')) : {};
  const answer = await (await context.control()).call('POST', '/api/access/simulate', end === null ? grant : { end });
  const body = isObject(answer.body) ? answer.body : {};
  const conflicts = isArray(body.conflicts) ? body.conflicts.filter(isObject) : [];
  const code = printAnswer(context, answer, () => {
    printFacts(context, { people: body.people ?? 0, gains: list(body.gains) || 'nothing', losses: list(body.losses) || 'nothing' });
    printRows(context, conflicts, ['a', 'b', 'why'], 'Nothing would conflict.');
    if (body.leavesNoOwner === true) context.io.out('It would leave nobody who owns this tenant, and so would be refused.');
  });
  return code === EXIT.done && (conflicts.length > 0 || body.leavesNoOwner === true) ? EXIT.no : code;
}
