// `sallyport up`, `doctor` and `demo`: carried out by main.

import type { Command, MainCommands } from '../command.ts';

export function serverCommands(main: MainCommands): readonly Command[] {
  return [
    {
      name: 'up',
      summary: 'Start Postgres, the gateway and the control plane; Ctrl-C stops them cleanly.',
      positional: '',
      options: [
        ...main.configOptions,
        { name: '--demo', value: null, doc: 'Also start the demo shop and the captured model, marked as demo, and print a key for them.' },
      ],
      run: (context) => main.up(context.parsed, context.io),
    },
    {
      name: 'doctor',
      summary: 'Check folders, key files, ports, Postgres settings and integrations, and say what to do.',
      positional: '',
      options: main.configOptions,
      run: (context) => main.doctor(context.parsed, context.io),
    },
    {
      name: 'demo attack',
      summary: 'Attack a throw-away shop through the guard and count the harm at the shop.',
      positional: '',
      options: [
        { name: '--all', value: null, doc: 'Every case.' },
        { name: '--case', value: 'NAME', doc: 'One case; may be given more than once.', repeat: true },
      ],
      run: (context) => main.demoAttack(context.parsed, context.io),
    },
  ];
}
