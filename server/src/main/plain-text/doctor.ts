// What the doctor says of where plain text exists: the warnings of the picture, from settings and files where no server answers, and as the
// running server found them where one does.

import { isObject, type JsonValue } from '#core';
import type { Finding } from '../command-io.ts';
import type { Folders } from '../folders.ts';
import type { Config } from '../settings.ts';
import type { SettingsFacts } from './facts.ts';
import { lookAtKeyFile } from './look.ts';
import { keyFilePlace } from './picture.ts';
import { gatewayEntrance, type Judged, outbound, toPostgres } from './wires.ts';

type Ask = (path: string) => Promise<{ readonly status: number; readonly body: unknown }>;

/** The listeners, the public address and where the folder of the keys lies are findings of the doctor's own. */
const SAID_ELSEWHERE = /^The (?:control plane|gateway) is bound|^publicUrl is|^Others than|^The key file lies inside/;

const of = (name: string, { warnings }: Pick<Judged, 'warnings'>): readonly Finding[] =>
  warnings.flatMap(({ grade, text }) => (SAID_ELSEWHERE.test(text) ? [] : [{ name, grade, detail: text }]));

async function fromSettings(config: Config, folders: Folders): Promise<readonly Finding[]> {
  const facts: SettingsFacts = config;
  const webhooks = [facts.alertWebhook, facts.anchorWebhook].filter((url) => url !== null);
  return [
    ...of('gateway address', gatewayEntrance(facts)),
    ...of('connection to Postgres', toPostgres(facts.databaseUrl, null)),
    ...webhooks.flatMap((url) => of('webhooks', outbound(new URL(url).origin, 'A receiver of webhooks'))),
    ...of('key file', keyFilePlace(await lookAtKeyFile(config, folders))),
  ];
}

const rowsOf = (value: JsonValue | undefined) => (Array.isArray(value) ? value.filter(isObject) : []);

function fromRunning(body: unknown): readonly Finding[] {
  const { places, hops } = isObject(body as JsonValue) ? (body as Readonly<Record<string, JsonValue>>) : {};
  return [...rowsOf(places), ...rowsOf(hops)].flatMap((one) =>
    rowsOf(one.warnings).flatMap(({ grade, text }) =>
      typeof text === 'string' && !SAID_ELSEWHERE.test(text)
        ? [{ name: `plain text: ${String(one.id)}`, grade: grade === 'fault' ? ('fault' as const) : ('advice' as const), detail: text }]
        : [],
    ),
  );
}

export async function inspectEncryption(config: Config, folders: Folders, ask: Ask): Promise<readonly Finding[]> {
  const answer = await ask('/api/data/plain-text').catch(() => null);
  // What was measured counts where there is both.
  const found = answer?.status === 200 ? fromRunning(answer.body) : await fromSettings(config, folders);
  if (found.length > 0) return found;
  return [{ name: 'plain text', grade: 'ok', detail: 'exists nowhere that it has not to: sallyport keys where' }];
}
