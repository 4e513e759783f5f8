// `sallyport witness`: the program that another person, on another machine, runs to say that a ledger has only one history.

import type { Command, MainCommands } from '../command.ts';

const DIR = { name: '--dir', value: 'DIR', doc: 'Folder of the witness: its key and what it remembers. Never restore it from a copy.' };

export function witnessCommands(main: MainCommands): readonly Command[] {
  return [
    {
      name: 'witness init',
      summary: 'Make a witness: a folder with a key of its own. Prints the verifier key for the policy file of the server.',
      positional: '',
      options: [DIR, { name: '--name', value: 'NAME', doc: 'Its name, e.g. witness.example.com/w1: no spaces, no plus sign.' }],
      run: (context) => main.witness('init', context.parsed, context.io),
    },
    {
      name: 'witness run',
      summary: 'Cosign checkpoints that continue what was cosigned before (C2SP tlog-witness). Needs no server and no database.',
      positional: '',
      options: [
        DIR,
        { name: '--listen', value: 'HOST:PORT', doc: 'Where it listens; 127.0.0.1:4830 unless given.' },
        {
          name: '--log',
          value: 'KEY',
          repeat: true,
          doc: 'Verifier key of a log it watches; repeat it for more logs, and for the next key of a log that changes its key.',
        },
        {
          name: '--unsafe-listen-without-tls',
          value: null,
          doc: 'UNSAFE. Lets it bind beyond loopback although it speaks plain HTTP.',
        },
      ],
      run: (context) => main.witness('run', context.parsed, context.io),
    },
    {
      name: 'witness show',
      summary: 'Print the verifier key of a witness.',
      positional: '',
      options: [DIR],
      run: (context) => main.witness('show', context.parsed, context.io),
    },
  ];
}
