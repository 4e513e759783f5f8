// `sallyport keys`: how the keys of stored data stand, new epochs and rotation on the running server; and what is done with the key file here.

import { isObject, type JsonObject } from '#core';
import { usage } from '../arguments.ts';
import type { Command, Context, MainCommands } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { printAnswer, printFacts, visible } from '../print.ts';
import { agreed, followKeys, part, YES } from './keys-follow.ts';
import { reencryptCommands } from './keys-re-encrypt.ts';
import { keysWhere } from './keys-where.ts';

function printStatus(context: Context, { status, everyHours, running }: JsonObject): void {
  const all = isObject(status ?? null) ? (status as JsonObject) : {};
  const [key, epoch, pending, tenants, subjects] = ['key', 'epoch', 'pending', 'tenantKeys', 'subjectKeys'].map((name) => part(all, name));
  printFacts(context, {
    'key file': `${String(key?.id)}, sealed by ${String(key?.sealedBy)}${key?.isBeingReplaced === true ? ', being replaced' : ''}`,
    epoch: `${String(epoch?.current)} since ${String(epoch?.since ?? '-')}`,
    'last destroyed': epoch?.lastDestroyedAt ?? null,
    'erasures waiting': `${String(pending?.erasures)}${pending?.oldestAt === null ? '' : `, the oldest since ${String(pending?.oldestAt)}`}`,
    'made final': everyHours === 0 ? 'when asked: sallyport keys epoch' : `within ${String(everyHours)} hours, or: sallyport keys epoch`,
    'tenant keys': `${String(tenants?.tenants)} tenants, newest version ${String(tenants?.newestVersion)}, ${String(tenants?.olderVersions)} older ones`,
    'subject keys': `${String(subjects?.all)}, ${String(subjects?.underOtherEpoch)} under another epoch, ${String(subjects?.underOlderKey)} under an older tenant key`,
    survivors: all.survivors ?? null,
    running: isObject(running ?? null) ? `${String((running as JsonObject).kind)}: ${String((running as JsonObject).step)}` : null,
  });
}

const COPY =
  'Copy vault-epochs and vault-survivors to your copy of the secrets folder, over the old ones: older copies of them keep open what was erased.';

export function keyCommands(main: MainCommands): readonly Command[] {
  return [
    {
      name: 'keys status',
      summary: 'How the keys of stored data stand: key file and seal, epoch, erasures that wait, versions, what is not wrapped anew yet.',
      positional: '',
      options: [],
      run: async (context) => {
        const answer = await (await context.control()).call('GET', '/api/data-keys');
        return printAnswer(context, answer, (body) => printStatus(context, body));
      },
    },
    keysWhere,
    {
      name: 'keys epoch',
      summary: 'Make every erasure so far final: keys that were not erased go under a new epoch, the old one is destroyed.',
      positional: '',
      options: [YES],
      run: async (context) => {
        if (!(await agreed(context, 'The old epoch is destroyed; older copies of the key box open nothing any more.'))) return EXIT.no;
        const code = await followKeys(context, '/api/data-keys/epoch');
        if (code === EXIT.done) context.io.err(COPY);
        return code;
      },
    },
    {
      name: 'keys rotate',
      summary:
        'Replace the tenants\u2019 keys, or with --file the key in the key file. What they wrap is wrapped anew, the old ones are destroyed.',
      positional: '',
      options: [
        {
          name: '--file',
          value: null,
          doc: 'The key in the key file, in place of the tenants\u2019 keys. Its recovery kit is worth nothing then.',
        },
        YES,
      ],
      run: async (context) => {
        const isFile = context.parsed.options['--file'] === true;
        const what = isFile ? 'file' : 'tenants';
        const question = isFile
          ? 'The key in the key file is destroyed and another takes its place: your copies of it and its recovery kit open nothing any more.'
          : 'The tenants\u2019 present keys are destroyed.';
        if (!(await agreed(context, question))) return EXIT.no;
        const code = await followKeys(context, '/api/data-keys/rotate', { what });
        if (code !== EXIT.done) return code;
        if (isFile)
          context.io.err(
            'Copy kek and vault-epochs to your copy of the secrets folder now, and print a new kit: sallyport keys recovery-kit',
          );
        else context.io.err(COPY);
        return code;
      },
    },
    {
      name: 'keys rewrap',
      summary: 'Wrap what is not yet under the newest tenant key and the current epoch. Runs beside everything, and changes no data.',
      positional: '',
      options: [],
      run: (context) => followKeys(context, '/api/data-keys/rewrap'),
    },
    ...reencryptCommands(),
    {
      name: 'keys recovery-kit',
      summary: 'Print the key of the key file for paper, once. Recorded; run it at the server\u2019s machine, as its user.',
      positional: '',
      options: [{ name: '--again', value: null, doc: 'It was printed before and that paper is lost.' }, ...main.configOptions],
      run: (context) =>
        main.keys.recoveryKit(context.parsed, context.io, async (again) => {
          const { status, body } = await (await context.control()).call('POST', '/api/data-keys/recovery-kit', { again });
          if (status < 400) return isObject(body) && typeof body.key === 'string' ? body.key : null;
          const problem = isObject(body) ? body : {};
          throw usage(
            `It could not be recorded, so it is not printed. ${String(problem.code ?? status)}: ${visible(String(problem.detail ?? ''))}`,
          );
        }),
    },
    {
      name: 'keys recover',
      summary: 'Put the key of a recovery kit back into the key file, in clear. With the server stopped.',
      positional: '',
      options: [
        { name: '--from', value: 'FILE', doc: 'File with the groups, in place of typing them.' },
        { name: '--key', value: 'ID', doc: 'Id at the top of the kit; asked for when nothing is left to compare the kit with.' },
        ...main.configOptions,
      ],
      run: (context) => main.keys.recover(context.parsed, context.io),
    },
    {
      name: 'keys seal',
      summary:
        'How the key file is sealed: by nothing but its mode (file), a passphrase, AWS KMS, or the transit engine of Vault or OpenBao.',
      positional: '',
      options: [
        { name: '--by', value: 'HOW', doc: 'file, passphrase, aws-kms or transit.' },
        { name: '--key', value: 'NAME', doc: 'Key id, ARN or alias in AWS KMS; name of the key in the transit engine.' },
        { name: '--region', value: 'REGION', doc: 'Of AWS.' },
        { name: '--endpoint', value: 'URL', doc: 'Address of Vault or OpenBao; for AWS only when it is not the public one.' },
        { name: '--mount', value: 'PATH', doc: 'Where the transit engine is mounted. Default: transit.' },
        { name: '--namespace', value: 'NAME', doc: 'Namespace in Vault or OpenBao.' },
        { name: '--new-passphrase-file', value: 'FILE', doc: 'The passphrase to seal with, when it is not the present one.' },
        ...main.configOptions,
      ],
      run: (context) => main.keys.seal(context.parsed, context.io),
    },
  ];
}
