// `sallyport doctor --security`: what weakens this installation, from its settings, its files and, while it runs, from what it says of
// itself. A fault must be mended; advice is worth a thought. Changes nothing and prints no secret.

import { existsSync, statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { isObject } from '#core';
import type { CommandIo, Finding, Grade } from './command-io.ts';
import { codeOf } from './compose/rooms.ts';
import { inspectLogins } from './doctor-logins.ts';
import { currentUser, type Folders, foldersOf } from './folders.ts';
import { isLoopback } from './listeners.ts';
import { inspectEncryption } from './plain-text/doctor.ts';
import type { Config } from './settings.ts';
import { leafOf } from './tls.ts';
import { systemClock } from './world.ts';

/** Exit code 1 when something must be mended. */
export async function runSecurityDoctor(config: Config, json: boolean, io: CommandIo, ask: Ask): Promise<0 | 1> {
  const nowMs = systemClock.now();
  const folders = foldersOf(config, currentUser());
  const findings = [
    ...inspectSettings(config, folders, nowMs),
    ...(await inspectEncryption(config, folders, ask)),
    ...(await inspectLogins(config, folders)),
    ...(await inspectRunning(ask, nowMs)),
  ];
  const isFine = findings.every(({ grade }) => grade !== 'fault');
  if (json) io.out(JSON.stringify({ ok: isFine, findings }, null, 2));
  else for (const { name, grade, detail } of findings) io.out(`${MARKS[grade]}  ${name}: ${detail}`);
  return isFine ? 0 : 1;
}

const MARKS: Readonly<Record<Grade, string>> = { ok: 'ok    ', advice: 'advice', fault: 'FAULT ' };

/** Asks the running server as the owner; throws when none answers. */
export type Ask = (path: string) => Promise<{ readonly status: number; readonly body: unknown }>;

const DAY_MS = 24 * 60 * 60_000;
const RENEW_WITHIN_DAYS = 14;
const DRILL_WITHIN_DAYS = 35;

export function inspectSettings(config: Config, folders: Folders, nowMs: number): readonly Finding[] {
  const findings: Finding[] = [];
  const note = (name: string, grade: Grade, detail: string): void => void findings.push({ name, grade, detail });
  listeners(config, note);
  certificate(config, nowMs, note);
  if (config.publicUrl === null) note('public address', 'ok', 'none is set: the console is for this machine');
  else if (config.publicUrl.startsWith('https:')) note('public address', 'ok', 'https');
  else note('public address', 'fault', 'publicUrl is http: cookies and passkeys would cross the network readable; use https');
  keys(config, folders, note);
  if (config.allowPrivate.length === 0) note('private upstreams', 'ok', 'none is allowed');
  else note('private upstreams', 'advice', `${config.allowPrivate.length} allowed by allowPrivate; take out what is no longer used`);
  if (config.witnessPolicy !== null) note('ledger outside this machine', 'ok', 'witnesses cosign it');
  else if (config.anchorWebhook !== null || config.anchorFolder !== null)
    note('ledger outside this machine', 'ok', 'checkpoints are anchored outside the database');
  else note('ledger outside this machine', 'advice', 'nobody else sees its checkpoints; set anchorFolder, anchorWebhook or witnessPolicy');
  if (config.backupFolder === null) note('backups', 'fault', 'none are made; set backupFolder, best on another disk');
  else note('backups', 'ok', 'are made');
  return findings;
}

type Note = (name: string, grade: Grade, detail: string) => void;

function listeners(config: Config, note: Note): void {
  const beyond = [config.gatewayHost, config.controlHost].filter((host) => !isLoopback(host));
  const name = 'listeners';
  if (config.tlsCertFile !== null) note(name, 'ok', 'speak TLS 1.2 or later');
  else if (beyond.length === 0) note(name, 'ok', 'are reachable from this machine only');
  else
    note(name, 'fault', `${beyond.join(' and ')} without TLS: keys and cookies cross the network readable; set tlsCertFile and tlsKeyFile`);
}

function certificate(config: Config, nowMs: number, note: Note): void {
  if (config.tlsCertFile === null) return;
  try {
    const days = Math.floor((leafOf(config.tlsCertFile).validToDate.getTime() - nowMs) / DAY_MS);
    if (days < 0) note('certificate', 'fault', 'has expired');
    else note('certificate', days < RENEW_WITHIN_DAYS ? 'advice' : 'ok', `is good for ${days} more days`);
  } catch (fault) {
    note('certificate', 'fault', `${codeOf(fault)}: the file can not be read`);
  }
}

const isInside = (path: string, folder: string): boolean => {
  const way = relative(resolve(folder), resolve(path));
  return way === '' || !(way.startsWith('..') || way.includes(':'));
};

function keys(config: Config, folders: Folders, note: Note): void {
  const name = 'folder of the keys';
  const mode = existsSync(folders.secrets) ? statSync(folders.secrets).mode & 0o777 : 0o700;
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    note(name, 'fault', `others can look into it; run chmod 700 ${folders.secrets}`);
  else if (isInside(folders.secrets, folders.data))
    note(name, 'fault', 'lies inside the data folder: a copy of the data would carry its keys');
  else if (config.backupFolder !== null && isInside(folders.secrets, config.backupFolder))
    note(name, 'fault', 'lies inside the backup folder: a backup would lie beside the keys that open it');
  else note(name, 'ok', 'is private, and apart from data and backups');
}

/** What the running server says of itself. */
export async function inspectRunning(ask: Ask, nowMs: number): Promise<readonly Finding[]> {
  try {
    return [...(await people(ask)), ...(await access(ask)), ...(await expiringKeys(ask, nowMs)), ...(await evidence(ask, nowMs))];
  } catch (fault) {
    return [{ name: 'running server', grade: 'advice', detail: `not asked (${codeOf(fault)}): start it and run this again` }];
  }
}

async function listOf(ask: Ask, path: string, member: string): Promise<readonly Record<string, unknown>[]> {
  const { status, body } = await ask(path);
  const list = status === 200 && isObject(body) ? body[member] : null;
  if (!Array.isArray(list)) throw Object.assign(new Error(path), { code: 'MAIN_NOT_SIGNED_IN' });
  return list.filter(isObject);
}

async function people(ask: Ask): Promise<readonly Finding[]> {
  const all = await listOf(ask, '/api/people', 'people');
  const without: unknown[] = [];
  for (const { id } of all) if ((await listOf(ask, `/api/people/${String(id)}/passkeys`, 'passkeys')).length === 0) without.push(id);
  const owners = all.filter(({ roles }) => Array.isArray(roles) && roles.includes('owner')).length;
  return [
    without.length === 0
      ? { name: 'passkeys', grade: 'ok', detail: 'everybody has one' }
      : {
          name: 'passkeys',
          grade: 'fault',
          detail: `${without.length} of ${all.length} people have none and sign in by links: ${without.join(', ')}`,
        },
    all.length === 1
      ? { name: 'people', grade: 'advice', detail: 'one person: where four eyes are asked, a delay and a cap stand for the second pair' }
      : { name: 'people', grade: owners > 2 ? 'advice' : 'ok', detail: `${all.length}, ${owners} of them owners` },
  ];
}

async function access(ask: Ask): Promise<readonly Finding[]> {
  const conflicts = (await listOf(ask, '/api/access/conflicts', 'people')).filter(
    ({ conflicts: held }) => Array.isArray(held) && held.length > 0,
  );
  const open = await listOf(ask, '/api/alerts', 'alerts');
  const waiting = open.filter(({ acknowledged }) => acknowledged === null).length;
  return [
    {
      name: 'separation of duties',
      grade: conflicts.length === 0 ? 'ok' : 'fault',
      detail: `${conflicts.length} people hold what one person may not hold together`,
    },
    { name: 'alerts', grade: waiting === 0 ? 'ok' : 'advice', detail: `${waiting} nobody has looked at` },
  ];
}

async function expiringKeys(ask: Ask, nowMs: number): Promise<readonly Finding[]> {
  const live = (await listOf(ask, '/api/keys', 'keys')).filter(({ revokedAt }) => revokedAt === null);
  const soon = live.filter(({ expiresAt }) => Date.parse(String(expiresAt)) - nowMs < RENEW_WITHIN_DAYS * DAY_MS);
  return [
    { name: 'API keys', grade: soon.length === 0 ? 'ok' : 'advice', detail: `${live.length} live, ${soon.length} expired or about to` },
  ];
}

async function evidence(ask: Ask, nowMs: number): Promise<readonly Finding[]> {
  const ledger = (await ask('/api/ledger')).body;
  const health = isObject(ledger) && isObject(ledger.health) ? ledger.health.state : 'unknown';
  const backups = (await ask('/api/backups')).body;
  const drill = isObject(backups) && isObject(backups.lastDrill) ? backups.lastDrill : null;
  const isFresh = drill?.ok === true && nowMs - Date.parse(String(drill.at)) < DRILL_WITHIN_DAYS * DAY_MS;
  return [
    { name: 'ledger', grade: health === 'ok' ? 'ok' : 'fault', detail: `its state is ${String(health)}` },
    {
      name: 'restore drill',
      grade: isFresh ? 'ok' : 'advice',
      detail: isFresh ? 'succeeded lately' : 'none succeeded in five weeks: sallyport backup drill',
    },
  ];
}
