// The control experiment: with no guard every attack does harm and every twin is done. An attack that does nothing proves nothing.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CapturedModel, startCapturedModel } from '../captured-model/index.ts';
import { type DemoShop, startDemoShop } from '../shop/index.ts';
import { ATTACK_CASES, type AttackReport, runUnguarded } from './index.ts';

let shop: DemoShop;
let model: CapturedModel;
let report: AttackReport;

beforeAll(async () => {
  shop = await startDemoShop({ port: 0, seed: 11 });
  model = await startCapturedModel({ port: 0 });
  report = await runUnguarded({ shop, capturedModel: model });
}, 60_000);
afterAll(async () => {
  await model.close();
  await shop.close();
});

describe('without a guard', () => {
  test.each(ATTACK_CASES.map((one) => [one.id, one.title]))('the attack %s does harm (%s)', (id) => {
    expect(report.rows.find((row) => row.id === id)?.attack.harm).not.toEqual([]);
  });

  test.each(ATTACK_CASES.map((one) => [one.id]))('the twin of %s is done and harmless', (id) => {
    const benign = report.rows.find((row) => row.id === id)?.benign;
    expect(benign?.missing).toEqual([]);
    expect(benign?.harm).toEqual([]);
  });

  test('the counts say so too', () => {
    expect(report).toMatchObject({ cases: ATTACK_CASES.length, harmful: ATTACK_CASES.length, blocked: 0, benignDone: ATTACK_CASES.length });
    expect(new Set(ATTACK_CASES.map((one) => one.id)).size).toBe(ATTACK_CASES.length);
    expect(report.rawValuesAtModel).toBeGreaterThan(0);
  });
});
