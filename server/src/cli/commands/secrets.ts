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
  ];
}
