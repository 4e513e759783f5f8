// A server in a process of its own, as seen by whoever kills it.

import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { WorkflowOwner } from '../workflow-world/index.ts';
import type { KillPoint } from './guard-steps.ts';
import type { RunTrace } from './run-steps.ts';
import type { WorkflowProcessOptions, WorkflowProcessOrder } from './workflow-process.ts';

export interface WorkflowChild {
  readonly owner: WorkflowOwner;
  readonly gatewayUrl: string;
  readonly pid: number;
  /** Lines of its log. */
  readonly log: readonly string[];
  readonly exited: Promise<void>;
  /** The next runs are held at these points, in the order in which they begin. */
  arm(points: readonly (KillPoint | null)[]): Promise<void>;
  traces(): Promise<readonly RunTrace[]>;
  /** Calls back whenever a run is held. */
  onHeld(tell: (runs: readonly RunTrace[]) => void): void;
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  kill(): Promise<void>;
}

interface Message {
  readonly ready?: { readonly gatewayPort: number; readonly controlPort: number; readonly ownerToken: string };
  readonly runs?: readonly RunTrace[];
  readonly log?: string;
}

const PROGRAM = join(import.meta.dirname, 'workflow-process.ts');

export function ownerOf(port: number, token: string): WorkflowOwner {
  return async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
}

export async function startWorkflowChild(options: WorkflowProcessOptions): Promise<WorkflowChild> {
  const child = fork(PROGRAM, [JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const log: string[] = [];
  const waiting: ((runs: readonly RunTrace[]) => void)[] = [];
  let tellHeld: (runs: readonly RunTrace[]) => void = () => {};
  const ready = new Promise<NonNullable<Message['ready']>>((resolve, reject) => {
    child.on('message', (message: Message) => {
      if (message.log !== undefined) log.push(message.log);
      if (message.ready !== undefined) resolve(message.ready);
      if (message.runs !== undefined) (waiting.shift() ?? tellHeld)(message.runs);
    });
    void exited.then(() => reject(new Error(`the server ended before it listened: ${log.join(' ')}`)));
  });
  const { gatewayPort, controlPort, ownerToken } = await ready;
  const ask = (order: WorkflowProcessOrder): Promise<readonly RunTrace[]> =>
    new Promise((resolve) => {
      waiting.push(resolve);
      child.send(order, () => {});
    });
  return {
    owner: ownerOf(controlPort, ownerToken),
    gatewayUrl: `http://127.0.0.1:${gatewayPort}`,
    pid: child.pid as number,
    log,
    exited,
    arm: async (points) => void (await ask({ kind: 'arm', points })),
    traces: () => ask({ kind: 'steps' }),
    onHeld: (tell) => {
      tellHeld = tell;
    },
    signal: (signal) => void child.kill(signal),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
