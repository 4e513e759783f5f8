// The witness program is killed again and again while two histories of one log are pushed at it: what it once said stays said.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@sallyport/testkit';
import { expect, it } from 'vitest';
import { createNoteSigner, formatCheckpoint } from '../signing/note.ts';
import { slowConsistency, slowRoot } from '../test/slow-tree.ts';

const PROGRAM = join(import.meta.dirname, '../../../../bin/sallyport.js');
const ORIGIN = 'log.example.com/shop';
const KILLS = 3;
/** The two histories part here. */
const COMMON = 3;

it('never cosigns both of two histories, nor a smaller one, however often it is killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-witness-kill-'));
  const signer = createNoteSigner(ORIGIN, generateKeyPairSync('ed25519').privateKey);
  const random = seededRandom();
  const leaf = (history: string, at: number): Buffer => Buffer.from(at < COMMON ? `common ${at}` : `${history} ${at}`);
  const leavesOf = (history: string, size: number): Buffer[] => Array.from({ length: size }, (_, at) => leaf(history, at));
  let child: ChildProcess | null = null;
  let url = '';
  async function start(): Promise<void> {
    const started = spawn(execPath, [PROGRAM, 'witness', 'run', '--dir', folder, '--listen', '127.0.0.1:0', '--log', signer.verifierKey], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = started;
    let said = '';
    for await (const chunk of started.stdout as AsyncIterable<Buffer>) {
      said += chunk.toString();
      url = / at (http:\/\/\S+)/.exec(said)?.[1] ?? '';
      if (url !== '') return;
    }
    throw new Error('the witness did not start');
  }
  const push = async (history: string, from: number, to: number): Promise<{ status: number; body: string } | null> => {
    const leaves = leavesOf(history, to);
    const proof = from === 0 || from > to ? [] : slowConsistency(from, leaves);
    const note = signer.sign(formatCheckpoint({ origin: ORIGIN, size: to, root: slowRoot(leaves) }));
    const body = `old ${from}\n${proof.map((hash) => `${hash.toString('base64')}\n`).join('')}\n${note}`;
    try {
      const reply = await fetch(`${url}/add-checkpoint`, { method: 'POST', body });
      return { status: reply.status, body: await reply.text() };
    } catch {
      return null;
    }
  };
  /** What was cosigned, as far as the answers reached us. */
  const cosigned: { history: string; size: number }[] = [];
  const known = { a: 0, b: 0 };
  const step = async (history: 'a' | 'b'): Promise<void> => {
    const to = known[history] + 1 + random.below(3);
    const answer = await push(history, known[history], to);
    if (answer?.status === 200) {
      cosigned.push({ history, size: to });
      known[history] = to;
    } else if (answer?.status === 409) known[history] = Number(answer.body);
  };
  try {
    execFileSync(execPath, [PROGRAM, 'witness', 'init', '--dir', folder, '--name', 'w.example.com']);
    for (let kill = 0; kill < KILLS; kill += 1) {
      await start();
      // What it answers first is not behind anything it had cosigned before it was killed.
      const first = await push('a', 0, 0);
      const told = first?.status === 409 ? Number(first.body) : 0;
      expect(told).toBeGreaterThanOrEqual(Math.max(0, ...cosigned.map((one) => one.size)));
      const lanes = (['a', 'b'] as const).map(async (history) => {
        while (child?.exitCode === null && child.signalCode === null) await step(history);
      });
      await sleep(100 + random.below(300));
      (child as ChildProcess | null)?.kill('SIGKILL');
      await Promise.all(lanes);
    }
    expect(cosigned.length).toBeGreaterThan(KILLS);
    const beyond = new Set(cosigned.filter((one) => one.size > COMMON).map((one) => one.history));
    expect(beyond.size).toBe(1);
  } finally {
    (child as ChildProcess | null)?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});
