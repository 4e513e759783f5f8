// How a step is judged: what counts as blocked, and what only looks like it.

import { expect, it } from 'vitest';
import { SallyportError } from '#core';
import { carryOut, outcomeOf } from './trial.ts';
import type { Insider, Reply, Trial } from './types.ts';

const somebody = { id: 'per_1', who: 'somebody' } as Insider;
const reply = (status: number, code = ''): Promise<Reply> => Promise.resolve({ status, body: code === '' ? {} : { code } });

async function stepOf(work: (trial: Trial) => Promise<unknown>) {
  const { steps } = await carryOut({ name: 'one', title: 'One', run: async (trial) => void (await work(trial)) }, {} as Trial);
  return steps.map(({ outcome, told }) => [outcome, told]);
}

it('is blocked by a code that was expected of it, and by no other', async () => {
  const tried = (asked: Promise<Reply>) => stepOf((trial) => trial.refused('x', somebody, asked, ['CONTROL_ROLE_FORBIDDEN']));
  expect(await tried(reply(403, 'CONTROL_ROLE_FORBIDDEN'))).toEqual([['blocked', '403 CONTROL_ROLE_FORBIDDEN']]);
  expect(await tried(reply(400, 'CONTROL_REQUEST_INVALID'))).toEqual([['unclear', '400 CONTROL_REQUEST_INVALID']]);
  expect(await tried(reply(500))).toEqual([['unclear', '500']]);
  expect(await tried(reply(200))).toEqual([['passed', '200']]);
});

it('that may be done has passed through until its alert is there', async () => {
  const { steps } = await carryOut(
    { name: 'one', title: 'One', run: async (trial) => void (await trial.alerted('x', somebody, reply(200), 'export')) },
    {} as Trial,
  );
  expect(steps).toMatchObject([{ outcome: 'passed', rule: 'export' }]);
  expect(await stepOf((trial) => trial.alerted('x', somebody, reply(403, 'A_B'), 'export'))).toEqual([['unclear', '403 A_B']]);
});

it('a scene that can not be set is unclear, never clean; a bug is not hidden', async () => {
  expect(await stepOf(() => Promise.reject(new SallyportError('REDTEAM_SCENE_FAILED', 'No.')))).toEqual([
    ['unclear', 'REDTEAM_SCENE_FAILED'],
  ]);
  await expect(stepOf(() => Promise.reject(new TypeError('no')))).rejects.toThrow(TypeError);
});

it('the worst step says what became of a scenario, and one without steps shows nothing', () => {
  const of = (...outcomes: readonly ('blocked' | 'alerted' | 'found' | 'passed' | 'unclear' | 'not tried')[]) =>
    outcomeOf(outcomes.map((outcome) => ({ outcome })));
  expect([of('blocked', 'passed', 'alerted'), of('blocked', 'unclear'), of('blocked', 'alerted'), of('blocked'), of()]).toEqual([
    'passed',
    'unclear',
    'alerted',
    'blocked',
    'unclear',
  ]);
});
