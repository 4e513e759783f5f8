// The one table of settings. Flags, environment names, the YAML file, its JSON Schema and the docs are all made from it.
// Order of precedence: flag, environment, file, default.

import { z } from 'zod';

export interface Setting<T> {
  readonly schema: z.ZodType<T>;
  readonly default: T | null;
  readonly env: string;
  readonly flag: string;
  readonly doc: string;
}

const port = z.coerce.number().int().min(0).max(65_535);
const host = z.string().min(1).max(253);
const list = z.union([
  z.array(z.string()),
  z.string().transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  ),
]);
const flag = z.union([z.boolean(), z.enum(['true', 'false', '1', '0', '']).transform((text) => text !== 'false' && text !== '0')]);

/** Parts of the server that may run as processes of their own. */
export const SERVES = ['gateway', 'control', 'worker'] as const;

function setting<T>(name: string, schema: z.ZodType<T>, fallback: T | null, doc: string): Setting<T> {
  const words = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return { schema, default: fallback, env: `SALLYPORT_${words.replaceAll('-', '_').toUpperCase()}`, flag: `--${words}`, doc };
}

export const settings = {
  dataDir: setting(
    'dataDir',
    z.string().min(1),
    null,
    'Folder of the embedded Postgres and of state files. Default: /var/lib/sallyport for root, else ~/.local/share/sallyport.',
  ),
  secretsDir: setting(
    'secretsDir',
    z.string().min(1),
    null,
    'Folder of the key files, outside the data folder. Default: /etc/sallyport for root, else ~/.config/sallyport.',
  ),
  databaseUrl: {
    ...setting(
      'databaseUrl',
      z.string().url().startsWith('postgres'),
      null,
      'An external Postgres 18 instead of the embedded one. Needs a role that may create roles.',
    ),
    env: 'DATABASE_URL',
  },
  gatewayHost: setting('gatewayHost', host, '127.0.0.1', 'Address the gateway listens on.'),
  gatewayPort: setting('gatewayPort', port, 4800, 'Port of the gateway; 0 picks a free one.'),
  controlHost: setting('controlHost', host, '127.0.0.1', 'Address the control plane listens on.'),
  controlPort: setting('controlPort', port, 4810, 'Port of the control plane; 0 picks a free one.'),
  tlsCertFile: setting(
    'tlsCertFile',
    z.string().min(1),
    null,
    'PEM file with the certificate chain of both listeners, which then speak TLS 1.2 or later only. Needs tlsKeyFile. A renewed file is taken within 10 seconds.',
  ),
  tlsKeyFile: setting('tlsKeyFile', z.string().min(1), null, 'PEM file, mode 0600, with the private key of that certificate.'),
  publicUrl: setting(
    'publicUrl',
    z
      .url({ protocol: /^https?$/ })
      .max(300)
      .refine((url) => URL.canParse(url) && new URL(url).origin === url.replace(/\/$/, ''), 'is scheme, host and port, without a path')
      .refine((url) => !/^https?:\/\/(?:\d|\[)/.test(url), 'is a host name: a passkey can not be made for an address such as 127.0.0.1'),
    null,
    'The address people open the console by, when a proxy stands in front of it: https://sallyport.example.com. Passkeys belong to its host name. Default: http://localhost and the control port.',
  ),
  gatewayPublicUrl: setting(
    'gatewayPublicUrl',
    z
      .url({ protocol: /^https?$/ })
      .max(300)
      .refine((url) => URL.canParse(url) && new URL(url).origin === url.replace(/\/$/, ''), 'is scheme, host and port, without a path'),
    null,
    'The address programs reach the gateway by, when a proxy stands in front of it: https://gateway.example.com. Access tokens are issued for it. Default: the address the gateway listens on.',
  ),
  requireDpop: setting(
    'requireDpop',
    flag,
    false,
    'Takes and issues only access tokens that are bound to a key of their client (DPoP, RFC 9449). API keys are not affected.',
  ),
  serve: setting(
    'serve',
    list.pipe(z.array(z.enum(SERVES)).min(1)),
    [...SERVES],
    'What this process does: gateway, control and worker (runs workflows, seals the ledger, recovers), comma separated. Several processes over one Postgres and one secrets folder may share the work.',
  ),
  allowPrivate: setting(
    'allowPrivate',
    list,
    [],
    'host:port of local or private upstreams the operator allows, comma separated. Our own listeners and Postgres stay refused.',
  ),
  extraCaFile: setting('extraCaFile', z.string().min(1), null, 'PEM file of further certificate authorities trusted for upstreams.'),
  requestsPerMinute: setting(
    'requestsPerMinute',
    z.coerce.number().int().min(1).max(10_000_000),
    6_000,
    'Requests one API key may make in a minute.',
  ),
  tokensPerMinute: setting(
    'tokensPerMinute',
    z.coerce.number().int().min(1).max(1_000_000_000),
    2_000_000,
    'Estimated model tokens one API key may send in a minute.',
  ),
  maxActiveRuns: setting(
    'maxActiveRuns',
    z.coerce.number().int().min(1).max(1_000),
    32,
    'Runs of workflows that advance at once in one process. A run that waits for a person or a limit does not count.',
  ),
  runRetentionDays: setting(
    'runRetentionDays',
    z.coerce.number().int().min(1).max(3_650),
    30,
    'Days after which what a finished run knew is erased. Its steps, codes and events stay.',
  ),
  soloDelayMs: setting(
    'soloDelayMs',
    z.coerce.number().int().min(1_000).max(86_400_000),
    600_000,
    'How long a call waits after its approval when it needs two people and there is only one; it can be cancelled until then.',
  ),
  soloPerDay: setting(
    'soloPerDay',
    z.coerce.string().regex(/^\d{1,12}(?:\.\d{1,4})?$/),
    '1000',
    'The most one person may approve in 24 hours of what needs two people, while there is only one; a decimal amount, in each currency.',
  ),
  trustedProxies: setting(
    'trustedProxies',
    list,
    [],
    'Addresses or ranges of proxies in front of the control plane, comma separated. Only theirs is the X-Forwarded-For that is believed, read from right to left.',
  ),
  countriesFile: setting(
    'countriesFile',
    z.string().min(1),
    null,
    'File that says where addresses are, a line each: range,country[,latitude,longitude]. Without one every country is unknown and no travel is judged.',
  ),
  alertWebhook: setting(
    'alertWebhook',
    z
      .url({ protocol: /^https?$/ })
      .max(2_000)
      .refine((url) => !/^[^/]*\/\/[^/]*@|#/.test(url), 'a webhook address has no user and no fragment'),
    null,
    'URL that gets each alert as a signed webhook (Standard Webhooks). Needs alertWebhookSecretFile.',
  ),
  alertWebhookSecretFile: setting(
    'alertWebhookSecretFile',
    z.string().min(1),
    null,
    'File, mode 0600, with the secret that signs alerts: whsec_ and base64 of 24 to 64 bytes.',
  ),
  anchorFolder: setting(
    'anchorFolder',
    z.string().min(1),
    null,
    'Folder that gets each signed checkpoint of the ledger as a new file: a git folder, or the mount of an object-lock bucket. It must exist.',
  ),
  anchorWebhook: setting(
    'anchorWebhook',
    z
      .url({ protocol: /^https?$/ })
      .max(2_000)
      .refine((url) => !/^[^/]*\/\/[^/]*@|#/.test(url), 'a webhook address has no user and no fragment'),
    null,
    'URL that gets each signed checkpoint as a signed webhook (Standard Webhooks). Needs anchorWebhookSecretFile.',
  ),
  anchorWebhookSecretFile: setting(
    'anchorWebhookSecretFile',
    z.string().min(1),
    null,
    'File, mode 0600, with the secret that signs those webhooks: whsec_ and base64 of 24 to 64 bytes.',
  ),
  witnessPolicy: setting(
    'witnessPolicy',
    z.string().min(1),
    null,
    'File with a C2SP tlog-policy: the witnesses that cosign checkpoints of the ledger, and how many of them must.',
  ),
  verifyEveryHours: setting(
    'verifyEveryHours',
    z.coerce.number().min(0).max(8_760),
    24,
    'How often the whole ledger is verified against the checkpoint remembered beside the keys; 0 leaves it to people.',
  ),
  passphraseFile: setting(
    'passphraseFile',
    z.string().min(1),
    null,
    'File, mode 0600, with the passphrase of a key file that is sealed by one; or fd:3, to read it from that descriptor. Without it the terminal is asked.',
  ),
  transitTokenFile: setting(
    'transitTokenFile',
    z.string().min(1),
    null,
    'File, mode 0600, with the token for HashiCorp Vault or OpenBao, when the key file is sealed by its transit engine. Default: VAULT_TOKEN.',
  ),
  nerModel: setting(
    'nerModel',
    z.string().min(1),
    null,
    'Folder with an ONNX model of names of your own (model.onnx, tokenizer.json, config.json) that adds to the guesses in calls. Needs the package onnxruntime-web.',
  ),
  nerRequired: setting(
    'nerRequired',
    flag,
    false,
    'Refuses calls to models that the model of names did not read in time; without it they go on with our own guesses, an alert is raised, and only classes whose doubts are refused or asked about refuse them.',
  ),
  nerDeadlineMs: setting(
    'nerDeadlineMs',
    z.coerce.number().int().min(50).max(60_000),
    2_000,
    'How long a call waits for the model of names.',
  ),
  keyEpochHours: setting(
    'keyEpochHours',
    z.coerce.number().int().min(0).max(8_760),
    24,
    'Hours after which an erasure is made final by a new key epoch, so that older copies open nothing of it either; 0 leaves it to people.',
  ),
  datasetRows: setting(
    'datasetRows',
    z.coerce.number().int().min(1).max(2_000_000_000),
    1_000_000,
    'Rows of datasets a tenant keeps at most, all of them together.',
  ),
  datasetBytes: setting(
    'datasetBytes',
    z.coerce.number().int().min(1_024).max(1_099_511_627_776),
    536_870_912,
    'Bytes of one file that is imported as a dataset, at most.',
  ),
  backupFolder: setting(
    'backupFolder',
    z.string().min(1),
    null,
    'Folder for backups, outside the data and secrets folders and best on another disk. Without one none are made.',
  ),
  backupKeysFolder: setting(
    'backupKeysFolder',
    z.string().min(1),
    null,
    'Folder for the wrapped keys of backups, one file each, when they are to lie apart from the rest. Default: the backup folder.',
  ),
  backupEveryHours: setting(
    'backupEveryHours',
    z.coerce.number().int().min(0).max(8_760),
    null,
    'Hours between scheduled backups; 0 makes none. Default: 24 when a backup folder is set.',
  ),
  backupKeep: setting(
    'backupKeep',
    z.coerce.number().int().min(1).max(10_000),
    14,
    'Backups that are kept; older ones are deleted after a new one.',
  ),
  drillEveryHours: setting(
    'drillEveryHours',
    z.coerce.number().int().min(0).max(8_760),
    168,
    'Hours between drills, which restore the newest backup into a scratch database and compare; 0 makes none.',
  ),
  selfScanEveryHours: setting(
    'selfScanEveryHours',
    z.coerce.number().int().min(0).max(8_760),
    24,
    'Hours between searches of everything the installation wrote for its own credentials and for planted values; 0 makes none.',
  ),
  selfScanAlso: setting(
    'selfScanAlso',
    list,
    [],
    'Further files and folders for that search, comma separated: where the log goes, where exports are put.',
  ),
  logLevel: setting('logLevel', z.enum(['error', 'warn', 'info', 'debug']), 'info', 'How much is logged to standard error.'),
  unsafeListenWithoutTls: setting(
    'unsafeListenWithoutTls',
    flag,
    false,
    'UNSAFE. Lets the listeners bind beyond loopback although they speak plain HTTP; keys then cross the network readable.',
  ),
} as const satisfies Record<string, Setting<never> | Setting<unknown>>;

export type SettingName = keyof typeof settings;
type Value<N extends SettingName> = (typeof settings)[N] extends Setting<infer T> ? T : never;
export type Config = { readonly [N in SettingName]: (typeof settings)[N]['default'] extends null ? Value<N> | null : Value<N> };

export const settingNames = Object.keys(settings) as readonly SettingName[];

/** JSON Schema of the YAML file. */
export function configJsonSchema(): object {
  const properties = Object.fromEntries(
    settingNames.map((name) => [
      name,
      { ...z.toJSONSchema(settings[name].schema as z.ZodType, { io: 'input' }), description: settings[name].doc },
    ]),
  );
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object', additionalProperties: false, properties };
}

/** The settings page of the docs, as Markdown. */
export function configMarkdown(): string {
  const rows = settingNames.map((name) => {
    const entry = settings[name];
    return `| \`${name}\` | \`${entry.flag}\` | \`${entry.env}\` | ${entry.default === null ? 'none' : `\`${JSON.stringify(entry.default)}\``} | ${entry.doc} |`;
  });
  return ['| setting | flag | environment | default | meaning |', '|---|---|---|---|---|', ...rows, ''].join('\n');
}
