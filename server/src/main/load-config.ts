// Reads settings from flags, environment and file, each parsed by the one table. Unknown keys are refused, never ignored.

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { SallyportError } from '#core';
import { type Config, type SettingName, settingNames, settings } from './settings.ts';

export interface ConfigSources {
  /** Flags already split from the command line: `--gateway-port` to its value. */
  readonly flags: Readonly<Record<string, string | boolean>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly file: string | null;
}

/** A configuration file is small; a larger one is a mistake. */
const MAX_FILE_CHARS = 256 * 1024;

export function loadConfig(sources: ConfigSources): Config {
  const file = sources.file === null ? {} : readFile(sources.file);
  for (const key of Object.keys(file)) {
    if (!settingNames.includes(key as SettingName)) throw invalid(`The configuration file has an unknown setting "${key.slice(0, 60)}".`);
  }
  const byFlag = new Map(settingNames.map((name) => [settings[name].flag, name]));
  for (const flag of Object.keys(sources.flags)) {
    if (!byFlag.has(flag)) throw invalid(`Unknown option ${flag.slice(0, 60)}.`);
  }
  return Object.fromEntries(
    settingNames.map((name) => {
      const entry = settings[name];
      const given = sources.flags[entry.flag] ?? sources.env[entry.env] ?? file[name];
      if (given === undefined || given === '') return [name, entry.default];
      const parsed = entry.schema.safeParse(given);
      if (parsed.success) return [name, parsed.data];
      throw invalid(`Setting ${name} (${entry.flag}, ${entry.env}) is not valid: ${parsed.error.issues[0]?.message ?? 'wrong form'}.`);
    }),
  ) as Config;
}

function readFile(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SallyportError('MAIN_CONFIG_UNREADABLE', `The configuration file ${path} can not be read.`, { cause });
  }
  if (text.length > MAX_FILE_CHARS) throw invalid('The configuration file is too large.');
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 0, uniqueKeys: true, logLevel: 'error' });
  } catch (cause) {
    throw new SallyportError('MAIN_CONFIG_INVALID', `The configuration file ${path} is not valid YAML.`, { cause });
  }
  if (value === null || value === undefined) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw invalid('The configuration file must be a mapping of settings.');
  return value as Record<string, unknown>;
}

function invalid(message: string): SallyportError {
  return new SallyportError('MAIN_CONFIG_INVALID', message);
}
