// `sallyport keys re-encrypt` and `keys minimum`: everything sealed anew under new keys, how far that is, the older keys destroyed, and the
// oldest form that may still be opened.

import type { JsonObject } from '#core';
import { usage } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printAnswer, printFacts, printRows, rowsOf } from '../print.ts';
import { agreed, followKeys, YES } from './keys-follow.ts';

const MOST = 100;

function printStatus(context: Context, { minimum, newest, tenants, unreadable, faults }: JsonObject): void {
  printFacts(context, { 'oldest form that opens': minimum ?? null, 'newest form': newest ?? null, unreadable: unreadable ?? null });
  const rows = rowsOf(tenants).map(({ sealed, olderKeys, startedAt, finishedAt, ...row }) => ({
    ...row,
    ...{ values: sealed ?? null, 'older keys': olderKeys ?? null, started: startedAt ?? null, finished: finishedAt ?? null },
  }));
  printRows(
    context,
    rows,
    ['tenant', 'generation', 'state', 'values', 'erased', 'older keys', 'destroyed', 'started', 'finished'],
    'Nothing was sealed anew yet.',
  );
  const named = rowsOf(faults);
  if (named.length > 0) printRows(context, named, ['tenant', 'place', 'ref', 'code'], '');
  if (Number(unreadable) > named.length) context.io.out(`and ${Number(unreadable) - Math.min(named.length, MOST)} more`);
}

async function reencrypt(context: Context): Promise<ExitCode> {
  const { options } = context.parsed;
  if (options['--status'] === true) {
    const answer = await (await context.control()).call('GET', '/api/data-keys/re-encryption');
    return printAnswer(context, answer, (body) => printStatus(context, body));
  }
  const tenant = typeof options['--tenant'] === 'string' ? options['--tenant'] : null;
  const destroyOlder = options['--destroy-older'] === true;
  const question =
    'Older keys under which nothing is left are destroyed: backups from before values were sealed anew can not be read any more where they need them.';
  if (destroyOlder && !(await agreed(context, question))) return EXIT.no;
  const code = await followKeys(context, '/api/data-keys/re-encrypt', { tenant, destroyOlder });
  if (code === EXIT.done && !destroyOlder)
    context.io.err('Older keys are kept for older backups. When there are none any more: sallyport keys re-encrypt --destroy-older');
  return code;
}

async function minimum(context: Context): Promise<ExitCode> {
  const [, , form] = context.parsed.words;
  const control = await context.control();
  if (form === undefined) {
    const answer = await control.call('GET', '/api/data-keys/re-encryption');
    return printAnswer(context, answer, (body) => printFacts(context, { minimum: body.minimum ?? null, newest: body.newest ?? null }));
  }
  if (form !== '1' && form !== '2') throw usage('The form is 1 (one key for all labels) or 2 (a key for each label).');
  return printAnswer(context, await control.call('POST', '/api/data-keys/minimum', { form: Number(form) }), (body) =>
    printFacts(context, body),
  );
}

export function reencryptCommands(): readonly Command[] {
  return [
    {
      name: 'keys re-encrypt',
      summary: 'Seal everything that is stored anew, under new keys, beside running traffic. Goes on by itself after a kill.',
      positional: '',
      options: [
        { name: '--tenant', value: 'TENANT', doc: 'This tenant alone, by its id. Default: every tenant.' },
        { name: '--status', value: null, doc: 'How far it is, for each tenant, and what could not be opened.' },
        { name: '--destroy-older', value: null, doc: 'Destroy older keys under which nothing is left. Older backups need them.' },
        YES,
      ],
      run: reencrypt,
    },
    {
      name: 'keys minimum',
      summary: 'The oldest form of sealed values that may be opened: 1, or 2 when everything has a key for its label.',
      positional: '[FORM]',
      options: [],
      run: minimum,
    },
  ];
}
