// `sallyport backup`: made, checked, drilled and deleted by the running server; restored and checked without one.

import { isObject, type JsonObject, type JsonValue } from '#core';
import { usage, word } from '../arguments.ts';
import type { Command, Context, MainCommands } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printAnswer, printFacts, printJson, printRows, rowsOf, visible } from '../print.ts';

const POLL_MS = 500;
const PLACE = [
  { name: '--folder', value: 'DIR', doc: 'Folder of the backups, instead of the setting backupFolder; no server is asked.' },
  { name: '--keys-folder', value: 'DIR', doc: 'Folder of their files of keys, when those lie apart.' },
] as const;
const REBUILT = [
  {
    name: '--checkpoint',
    value: 'FILE',
    doc: 'The newest signed checkpoint, from a witness or a folder of anchors; default: the one in the secrets folder.',
  },
  {
    name: '--erasures',
    value: 'FILE',
    doc: 'A journal of erasures of another server of the same database; may be repeated.',
    repeat: true,
  },
] as const;

const COLUMNS = ['id', 'createdAt', 'state', 'rows', 'events', 'bytes', 'verifiedAt', 'drilled'];

function lineOf(backup: JsonObject): JsonObject {
  const drill = isObject(backup.drill ?? null) ? (backup.drill as JsonObject) : null;
  return { ...backup, drilled: drill === null ? null : drill.ok === true ? 'ok' : (drill.code ?? 'failed') };
}

const namesIn = (value: JsonValue | undefined): string | null =>
  rowsOf(value)
    .map(({ by, at, passkey }) => `${String(by)} at ${String(at)}, ${passkey === null ? 'unsigned' : `with passkey ${String(passkey)}`}`)
    .join(', ') || null;

/** Starts it on the server, says how far it is, and how it ended. */
async function follow(context: Context, method: string, path: string): Promise<ExitCode> {
  const control = await context.control();
  const begun = await control.call(method, path);
  if (begun.status >= 400) return printAnswer(context, begun, () => undefined);
  const id = isObject(begun.body) ? String(begun.body.id) : '';
  let said = '';
  for (;;) {
    const { body } = await control.call('GET', '/api/backups');
    const state = isObject(body) ? body : {};
    const running = isObject(state.running ?? null) ? (state.running as JsonObject) : null;
    if (running === null || running.id !== id) return finish(context, id, state);
    const [done, total] = [Number(running.done), Number(running.total)];
    const share = total === 0 ? 0 : Math.floor((100 * done) / total);
    const line = `${String(running.phase)}: ${share} %, ${String(running.rows)} rows, ${String(running.table)}`;
    if (line !== said) context.io.err(line);
    said = line;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function finish(context: Context, id: string, state: JsonObject): ExitCode {
  const last = isObject(state.last ?? null) ? (state.last as JsonObject) : {};
  const backup = rowsOf(state.backups).find((one) => one.id === id) ?? null;
  const ok = last.id === id && last.ok === true;
  for (const gone of Array.isArray(last.interrupted) ? last.interrupted : [])
    context.io.err(`${String(gone)} was begun by a process that died; its snapshot is gone, so what it wrote was removed.`);
  if (context.json) printJson(context, { ok, code: last.code ?? null, backup });
  else if (ok) {
    if (backup !== null) {
      const { drill: _drill, ...facts } = lineOf(backup);
      printFacts(context, facts);
    } else context.io.out('Done.');
  }
  if (ok) return EXIT.done;
  context.io.err(
    `${String(last.code ?? 'CONTROL_FAULT')}: ${visible(String(last.sentence ?? 'Another job took its place; look at the list.'))}`,
  );
  return EXIT.no;
}

const KEEP = [
  'To restore it on another machine keep, apart from the backup, the files of the secrets folder:',
  '  kek (opens it), audit-key.pem (goes on with the ledger), workflow-key.pem, ledger-checkpoint, erasures.ndjson, departures.ndjson',
].join('\n');

const pathOf = (context: Context): string => {
  const named = context.parsed.words[2] ?? 'newest';
  if (named !== 'newest' && !/^bak_[0-9a-f-]{36}$/.test(named)) throw usage('Name a backup by its id, or newest.');
  return `/api/backups/${named}`;
};

export function backupCommands(main: MainCommands): readonly Command[] {
  const isHere = (context: Context): boolean => context.parsed.options['--folder'] !== undefined;
  return [
    {
      name: 'backup create',
      summary: 'Make a backup of the whole database into the backup folder, now.',
      positional: '',
      options: [],
      run: async (context) => {
        const code = await follow(context, 'POST', '/api/backups');
        if (code === EXIT.done) context.io.err(KEEP);
        return code;
      },
    },
    {
      name: 'backup list',
      summary: 'The backups there are: size, when each was checked, and how its last drill went.',
      positional: '',
      options: [...PLACE, ...main.configOptions],
      run: async (context) => {
        if (isHere(context)) return main.backup('list', context.parsed, context.io);
        const answer = await (await context.control()).call('GET', '/api/backups');
        return printAnswer(context, answer, (body) =>
          printRows(context, rowsOf(body.backups).map(lineOf), COLUMNS, 'There is no backup; make one with: sallyport backup create'),
        );
      },
    },
    {
      name: 'backup verify',
      summary:
        'Open and count every chunk of a backup; exits 1 when one is missing, changed or swapped. With --folder no server is needed.',
      positional: '[id|newest|path]',
      options: [...PLACE, ...main.configOptions],
      run: async (context) => {
        const isPath = (context.parsed.words[2] ?? '').includes('/');
        if (isPath || isHere(context)) return main.backup('verify', context.parsed, context.io);
        return follow(context, 'POST', `${pathOf(context)}/verify?wait=no`);
      },
    },
    {
      name: 'backup drill',
      summary: 'Restore a backup into a scratch database, compare rows and ledger with the snapshot, and record the result.',
      positional: '[id|newest]',
      options: [],
      run: (context) => follow(context, 'POST', `${pathOf(context)}/drill?wait=no`),
    },
    {
      name: 'backup delete',
      summary: 'Delete a backup with its file of keys.',
      positional: '<id>',
      options: [{ name: '--yes', value: null, doc: 'Do not ask.' }],
      run: async (context) => {
        const id = word(context.parsed, 2, 'backup id');
        if (
          context.parsed.options['--yes'] !== true &&
          (await context.io.ask(`Delete ${id}? Type yes: `))?.trim().toLowerCase() !== 'yes'
        ) {
          context.io.err('Nothing was deleted.');
          return EXIT.no;
        }
        return follow(context, 'DELETE', `${pathOf(context)}?wait=no`);
      },
    },
    {
      name: 'backup restore',
      summary:
        'Fill an empty database from a backup, with the server stopped. A restore that was interrupted goes on with the same command.',
      positional: '[id|newest|path]',
      options: [...PLACE, ...REBUILT, ...main.configOptions],
      run: (context) => main.backup('restore', context.parsed, context.io),
    },
    {
      name: 'backup adopted',
      summary: 'Say that your Postgres was put back by other means (point-in-time recovery), with the server stopped.',
      positional: '',
      options: [...REBUILT, ...main.configOptions],
      run: (context) => main.backup('adopted', context.parsed, context.io),
    },
    {
      name: 'backup status',
      summary: 'Whether the database was restored, what that meant, and who has said yes.',
      positional: '',
      options: [],
      run: async (context) =>
        printAnswer(context, await (await context.control()).call('GET', '/api/restore'), (body) => {
          const { report, ...state } = body;
          if (state.state === 'none') context.io.out('This database was never restored.');
          else
            printFacts(context, {
              ...state,
              confirmedBy: namesIn(state.confirmedBy),
              ...(isObject(report ?? null) ? (report as JsonObject) : {}),
            });
        }),
    },
    {
      name: 'backup confirm',
      summary: 'Say yes to going on from the restored database; two people must. Whoever has a passkey signs it in the console.',
      positional: '',
      options: [{ name: '--yes', value: null, doc: 'Do not ask.' }],
      run: async (context) => {
        const question = 'Everything after the backup is gone from this installation. Go on from here? Type yes: ';
        if (context.parsed.options['--yes'] !== true && (await context.io.ask(question))?.trim().toLowerCase() !== 'yes') {
          context.io.err('Nothing was confirmed.');
          return EXIT.no;
        }
        return printAnswer(context, await (await context.control()).call('POST', '/api/restore/confirm'), (body) => {
          const yes = rowsOf(body.confirmedBy).length;
          if (typeof body.runsAt === 'string') context.io.out(`Confirmed. It takes effect at ${body.runsAt}.`);
          else
            context.io.out(
              yes < Number(body.needed) ? `Confirmed by ${yes} of ${String(body.needed)}; another person must.` : 'Confirmed.',
            );
        });
      },
    },
  ];
}
