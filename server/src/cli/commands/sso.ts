// `sallyport sso`: company logins. The client secret is read from a file and never stands on a command line.

import { isObject, type JsonObject, type JsonValue } from '#core';
import { type OptionSpec, type Parsed, text, texts, usage, word } from '../arguments.ts';
import type { Command, Control } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { printAnswer, printFacts, printRows, rowsOf } from '../print.ts';

const OPTIONS: readonly OptionSpec[] = [
  { name: '--issuer', value: 'URL', doc: 'Issuer of the identity provider, letter by letter as it names itself.' },
  { name: '--client-id', value: 'ID', doc: 'Client id of this installation there.' },
  { name: '--secret-file', value: 'FILE', doc: 'File that holds the client secret.' },
  { name: '--auth', value: 'METHOD', doc: 'client_secret_basic (default), client_secret_post or private_key_jwt.' },
  { name: '--label', value: 'TEXT', doc: 'What the sign-in page calls it.' },
  {
    name: '--mode',
    value: 'MODE',
    doc: 'invited (default): only linked or provisioned people; just_in_time: everybody the provider lets in, without any role.',
  },
  { name: '--scope', value: 'SCOPE', doc: 'Scope to ask for beside openid; may be repeated. Default: profile.', repeat: true },
  { name: '--groups-claim', value: 'CLAIM', doc: 'Claim of the ID token that lists groups, e.g. groups.' },
  {
    name: '--group',
    value: 'VALUE=GROUP',
    doc: 'Puts people with this value of the claim into the group of that id here; may be repeated.',
    repeat: true,
  },
  {
    name: '--external-id-claim',
    value: 'CLAIM',
    doc: 'Claim that equals the externalId of provisioning (SCIM): sub with Okta, oid with Entra.',
  },
  { name: '--device-claim', value: 'CLAIM', doc: 'Claim that says whether the device is managed or compliant.' },
  { name: '--second-factor-acr', value: 'VALUE', doc: 'Value of acr that stands for a second factor; may be repeated.', repeat: true },
  { name: '--off', value: null, doc: 'Keep the settings and do not offer it.' },
];

/** Option and member of the settings. */
const TEXTS = [
  ['--issuer', 'issuer'],
  ['--client-id', 'clientId'],
  ['--auth', 'authMethod'],
  ['--label', 'label'],
  ['--mode', 'mode'],
  ['--groups-claim', 'groupsClaim'],
  ['--external-id-claim', 'externalIdClaim'],
  ['--device-claim', 'deviceClaim'],
] as const;
const KEPT = [
  'label',
  'issuer',
  'clientId',
  'authMethod',
  'mode',
  'scopes',
  'groupsClaim',
  'groups',
  'externalIdClaim',
  'deviceClaim',
  'secondFactorAcr',
];

export const ssoCommands: readonly Command[] = [
  {
    name: 'sso list',
    summary: 'Company logins, whether they are offered, and what their last test found.',
    positional: '',
    options: [],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', '/api/federation');
      return printAnswer(context, answer, (body) =>
        printRows(
          context,
          rowsOf(body.providers).map((one) => ({ ...one, test: one.testedAt === null ? 'never' : (one.testCode ?? 'ok') })),
          ['name', 'label', 'issuer', 'mode', 'enabled', 'accounts', 'test'],
          'No company login yet: sallyport sso add <name> --issuer ... --client-id ... --secret-file ...',
        ),
      );
    },
  },
  {
    name: 'sso add',
    summary: 'Set up a company login (OpenID Connect), or change the one of that name: what is not given stays as it is.',
    positional: '<name>',
    options: OPTIONS,
    run: async (context) => {
      const { parsed } = context;
      const name = word(parsed, 2, 'company login');
      const control = await context.control();
      const file = text(parsed, '--secret-file');
      const secret = file === null ? null : (await context.io.readFile(file)).trim();
      const body = {
        label: name,
        ...(await knownSettings(control, name)),
        ...settingsOf(parsed),
        secret,
        enabled: parsed.options['--off'] !== true,
      };
      const answer = await control.call('PUT', `/api/federation/${encodeURIComponent(name)}`, body);
      return printAnswer(context, answer, (saved) => {
        printFacts(context, { name, issuer: saved.issuer ?? '', redirectUri: saved.redirectUri ?? '', enabled: saved.enabled ?? false });
        context.io.err(`Register the redirect address at the provider, then: sallyport sso test ${name}`);
        if (saved.publicJwk !== null && saved.publicJwk !== undefined)
          context.io.err(`Register this public key there: ${JSON.stringify(saved.publicJwk)}`);
      });
    },
  },
  {
    name: 'sso test',
    summary: 'Ask the provider for its metadata and whether it accepts our client id and secret.',
    positional: '<name>',
    options: [],
    run: async (context) => {
      const name = word(context.parsed, 2, 'company login');
      const answer = await (await context.control()).call('POST', `/api/federation/${encodeURIComponent(name)}/test`);
      const isGood = answer.status < 400 && isObject(answer.body) && answer.body.ok === true;
      const code = await printAnswer(context, answer, (body) => {
        if (isGood) context.io.out(`${name} answers, and accepts this installation.`);
        else context.io.out(`${String(body.testCode)}: ${String(body.sentence ?? '')}`);
      });
      return answer.status < 400 && !isGood ? EXIT.no : code;
    },
  },
  {
    name: 'sso remove',
    summary: 'Remove a company login; nobody comes in by it any more. People and their sessions stay.',
    positional: '<name>',
    options: [{ name: '--yes', value: null, doc: 'Do not ask.' }],
    run: async (context) => {
      const name = word(context.parsed, 2, 'company login');
      const asked = `Remove the company login ${name}? Type its name: `;
      if (context.parsed.options['--yes'] !== true && (await context.io.ask(asked))?.trim() !== name) {
        context.io.err('Nothing was removed; confirm with its name or --yes.');
        return EXIT.no;
      }
      const answer = await (await context.control()).call('DELETE', `/api/federation/${encodeURIComponent(name)}`);
      return printAnswer(context, answer, () => context.io.out(`Nobody comes in by ${name} any more.`));
    },
  },
];

/** Of the login of that name, when there is one. */
async function knownSettings(control: Control, name: string): Promise<JsonObject> {
  const { status, body } = await control.call('GET', '/api/federation');
  const known = status < 400 && isObject(body) ? rowsOf(body.providers).find((one) => one.name === name) : undefined;
  return Object.fromEntries(Object.entries(known ?? {}).filter(([member]) => KEPT.includes(member)));
}

function settingsOf(parsed: Parsed): JsonObject {
  const given: Record<string, JsonValue> = {};
  for (const [option, member] of TEXTS) {
    const value = text(parsed, option);
    if (value !== null) given[member] = value === '' ? null : value;
  }
  if (texts(parsed, '--scope').length > 0) given.scopes = [...texts(parsed, '--scope')];
  if (texts(parsed, '--second-factor-acr').length > 0) given.secondFactorAcr = [...texts(parsed, '--second-factor-acr')];
  if (texts(parsed, '--group').length > 0) given.groups = groupsOf(texts(parsed, '--group'));
  return given;
}

/** The last sign divides: values of claims may hold one. */
function groupsOf(pairs: readonly string[]): JsonObject {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.lastIndexOf('=');
      if (at < 1) throw usage('Option --group is VALUE=GROUP.');
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
