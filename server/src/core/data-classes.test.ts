// The table of data classes: complete, consistent with labels, and locked where it says so.

import { describe, expect, test } from 'vitest';
import {
  DATA_CLASS_NAMES,
  DESTINATION_KINDS,
  dataClassOfType,
  dataClassSpec,
  HANDLINGS,
  isDataClass,
  isLocked,
  PII_CLASSES,
} from './index.ts';

describe('data classes', () => {
  test('there are about twenty-five, and together they make up every component of a label', () => {
    expect(DATA_CLASS_NAMES.length).toBeGreaterThanOrEqual(25);
    const covered = new Set(DATA_CLASS_NAMES.flatMap((name) => dataClassSpec(name).pii));
    expect([...covered].sort()).toEqual([...PII_CLASSES].sort());
  });

  test('a type that is recognised belongs to one class only', () => {
    const types = DATA_CLASS_NAMES.flatMap((name) => dataClassSpec(name).types);
    expect(new Set(types).size).toBe(types.length);
    expect(dataClassOfType('EMAIL')).toBe('email_address');
    expect(dataClassOfType('toString')).toBe(null);
    expect(isDataClass('constructor')).toBe(false);
  });

  test('no default is one that a tenant could not choose', () => {
    for (const name of DATA_CLASS_NAMES)
      for (const kind of DESTINATION_KINDS)
        expect(isLocked(name, kind, dataClassSpec(name).handling[kind]), `${name} to ${kind}`).toBe(false);
  });

  test('card numbers and credentials reach no model, customer or web page, not even as a placeholder', () => {
    for (const name of ['payment_card', 'gift_card', 'credential'] as const)
      for (const kind of ['model', 'customer', 'web'] as const)
        expect(HANDLINGS.filter((handling) => !isLocked(name, kind, handling))).toEqual(['mask', 'refuse']);
  });

  test('nothing about a person goes to the web by default', () => {
    const open = DATA_CLASS_NAMES.filter((name) => dataClassSpec(name).handling.web === 'clear');
    expect(open.flatMap((name) => dataClassSpec(name).pii)).toEqual([]);
  });
});
