// `sallyport demo`: start the demonstration in the running server, look at its tickets, remove everything of it, and attack a throw-away shop.

import { isObject, type JsonObject, SallyportError } from '#core';
import { text } from '../arguments.ts';
import type { Command, Context, MainCommands } from '../command.ts';
import { printAnswer, printFacts, printRows, rowsOf } from '../print.ts';

export function demoCommands(main: MainCommands): readonly Command[] {
  return [
    {
      name: 'demo start',
      summary: 'Start the demo shop in the running server: tickets arrive, honest ones are answered, theft is stopped.',
      positional: '',
      options: [
        { name: '--integration', value: 'NAME', doc: 'A model integration of yours that answers instead of the captured model.' },
        { name: '--model', value: 'NAME', doc: 'Which of its models.' },
      ],
      run: async (context) => {
        const answer = await (await context.control()).call('POST', '/api/demo/start', startBody(context));
        return printAnswer(context, answer, (body) => {
          printSummary(context, body);
          context.io.err('Tickets arrive every two seconds: sallyport demo status, or the console.');
        });
      },
    },
    {
      name: 'demo status',
      summary: 'What became of each ticket of the demo, with the reason where something was refused.',
      positional: '',
      options: [],
      run: async (context) => {
        const answer = await (await context.control()).call('GET', '/api/demo');
        return printAnswer(context, answer, (body) => {
          printSummary(context, body);
          const rows = rowsOf(body.tickets).map((ticket) => ({
            ...ticket,
            kind: ticket.poisoned === true ? 'poisoned' : 'honest',
            why: [...new Set(rowsOf(ticket.reasons).map((reason) => String(reason.code)))].join(', ') || null,
          }));
          printRows(context, rows, ['id', 'kind', 'subject', 'state', 'why', 'refunded', 'approval', 'run'], 'No ticket yet.');
        });
      },
    },
    {
      name: 'demo remove',
      summary: 'Remove all sample data: integrations, keys, workload, workflow, runs, stored calls. Its events stay in the ledger.',
      positional: '',
      options: [{ name: '--yes', value: null, doc: 'Do not ask.' }],
      run: async (context) => {
        const sure =
          context.parsed.options['--yes'] === true ||
          (await context.io.ask('Remove the demo and all its sample data? Type yes: '))?.trim() === 'yes';
        if (!sure) throw new SallyportError('CLI_USAGE', 'Nothing was removed; confirm with yes or --yes.');
        const answer = await (await context.control()).call('POST', '/api/demo/remove', {});
        return printAnswer(context, answer, () => context.io.out('The sample data is gone; its events stay in the ledger.'));
      },
    },
    {
      name: 'demo attack',
      summary: 'Attack a throw-away shop, through the guard and through a signed workflow, and count the harm at the shop.',
      positional: '',
      options: [
        { name: '--all', value: null, doc: 'Every case.' },
        { name: '--case', value: 'NAME', doc: 'One case; may be given more than once.', repeat: true },
      ],
      run: (context) => main.demoAttack(context.parsed, context.io),
    },
  ];
}

function startBody(context: Context): object {
  const integration = text(context.parsed, '--integration');
  const model = text(context.parsed, '--model');
  if ((integration === null) !== (model === null))
    throw new SallyportError('CLI_USAGE', 'Options --integration and --model go together; `sallyport integrations list` names both.');
  return integration === null ? {} : { model: { integration, model } };
}

function printSummary(context: Context, body: JsonObject): void {
  const model = isObject(body.model) && body.model.kind === 'provider' ? `${body.model.integration}/${body.model.model}` : 'captured model';
  const arrived = rowsOf(body.tickets).length;
  printFacts(context, {
    state: body.state ?? null,
    model,
    tickets: `${arrived} of ${body.total}`,
    stolen: body.stolen ?? null,
    ...(body.fault === null ? {} : { fault: body.fault ?? null }),
  });
}
