// `sallyport up` and `doctor`: carried out by main.

import type { Command, MainCommands } from '../command.ts';

export function serverCommands(main: MainCommands): readonly Command[] {
  return [
    {
      name: 'up',
      summary: 'Start Postgres, the gateway and the control plane; Ctrl-C stops them cleanly.',
      positional: '',
      options: [
        ...main.configOptions,
        {
          name: '--prepare-only',
          value: null,
          doc: 'Only bring an external database to this version, with roles and logins for the parts, and end.',
        },
        { name: '--demo', value: null, doc: 'Also start the demo at once, as “See it work” in the console does.' },
      ],
      run: (context) => main.up(context.parsed, context.io),
    },
    {
      name: 'doctor',
      summary: 'Check folders, key files, ports, Postgres settings and integrations, and say what to do.',
      positional: '',
      options: [
        ...main.configOptions,
        {
          name: '--security',
          value: null,
          doc: 'Look for what weakens the installation instead: settings, files and, while it runs, people and evidence.',
        },
      ],
      run: (context) => main.doctor(context.parsed, context.io),
    },
  ];
}
