// `sallyport secrets`: proof that secrets and personal data lie only where they may. The work is main's: it needs whole installations.

import type { Command, MainCommands } from '../command.ts';

export function secretsCommands(main: MainCommands): readonly Command[] {
  return [
    {
      name: 'secrets sweep',
      summary:
        'Plant invented people and secrets in a throw-away installation, run the product on them, and look for them in everything it wrote or sent. Exit 1 when one lies where it must not.',
      positional: '',
      options: [],
      run: (context) => main.sweep(context.parsed, context.io),
    },
    {
      name: 'secrets scan',
      summary:
        'Look for the credentials of this installation’s vault in its own rows, files, write-ahead log and backups, and in files you name. Says where, never what; exit 1 when one is found.',
      positional: '',
      options: [
        { name: '--self', value: null, doc: 'This installation, on this machine; its server must run.' },
        {
          name: '--also',
          value: 'PATH',
          doc: 'A file or folder to search too: the server’s log, an export, a HAR of a browser. May be repeated.',
          repeat: true,
        },
        ...main.configOptions,
      ],
      run: (context) => main.selfScan(context.parsed, context.io),
    },
  ];
}
