// The table of rooms says what the design says; the rules themselves are proved by the canary of the `rooms` suite.

import { describe, expect, it } from 'vitest';
import { lookedAtTooLittle } from './inspect.ts';
import { RULES } from './rules.ts';
import { scanRooms } from './scan.ts';
import { importable, ROOMS } from './table.ts';

describe('the table of rooms', () => {
  it('lets nothing be imported by core, and core be imported by all', () => {
    expect(importable('core')).toEqual([]);
    for (const room of ROOMS.filter((other) => other.name !== 'core')) expect(importable(room.name)).toContain('core');
  });

  it('keeps pure rooms to core', () => {
    for (const name of ['dlp', 'guardrails', 'policy', 'connectors']) expect(importable(name)).toEqual(['core']);
  });

  it('denies storage and egress to control', () => {
    expect(importable('control')).not.toContain('storage');
    expect(importable('control')).not.toContain('egress');
    expect(importable('control')).toContain('enforcement');
  });

  it('never lets a room import its own level or above', () => {
    const levelOf = (name: string): number => ROOMS.find((room) => room.name === name)?.level ?? -1;
    for (const room of ROOMS) expect(importable(room.name).filter((other) => levelOf(other) >= room.level)).toEqual([]);
  });

  it('gives each rule its own name and a sentence', () => {
    expect(new Set(RULES.map((rule) => rule.name)).size).toBe(RULES.length);
    for (const rule of RULES) expect(rule.comment).toMatch(/\.$/);
  });
});

describe('the floor', () => {
  it('fails a look at nothing, at a handful, and at a part', () => {
    expect(lookedAtTooLittle({ modules: 0, files: 0 })).toHaveLength(1);
    expect(lookedAtTooLittle({ modules: 19, files: 19 })).toHaveLength(1);
    expect(lookedAtTooLittle({ modules: 94, files: 100 })).toHaveLength(1);
    expect(lookedAtTooLittle({ modules: 95, files: 100 })).toEqual([]);
  });
});

describe('the scan of names and calls', () => {
  const rulesFor = (path: string, text: string): readonly string[] => scanRooms([{ path, text }]).map((breach) => breach.rule);

  it.each(['Date.now()', "Date['now']()", 'new Date()', 'Date()', 'Math.random()', 'const f = Math.random'])(
    'sees the clock or chance in %s',
    (text) => {
      expect(rulesFor('server/src/vault/a.ts', text)).toEqual(['clock-and-chance-are-handed-in']);
    },
  );

  it('lets a given time be turned into a date, tests read the clock, and main own it', () => {
    expect(rulesFor('server/src/vault/a.ts', 'new Date(nowMs).toISOString()')).toEqual([]);
    expect(rulesFor('server/src/vault/a.test.ts', 'Date.now()')).toEqual([]);
    expect(rulesFor('server/src/main/world.ts', 'Date.now()')).toEqual([]);
  });

  it.each(["import http from 'node:http';", "import * as http from 'node:http';", "import { createServer, request } from 'node:http';"])(
    'sees the client half in %s',
    (text) => {
      expect(rulesFor('server/src/gateway/a.ts', text)).toEqual(['listeners-never-call-out']);
    },
  );

  it('lets a listener import the server half and types', () => {
    const text = "import { createServer, type ClientRequest } from 'node:http';\nimport type { Agent } from 'node:http';";
    expect(rulesFor('server/src/gateway/a.ts', text)).toEqual([]);
  });
});
