// Data classes of result fields that are only known by name. A name nobody recognises counts as every class.

import { PII_CLASSES, type PiiClass } from '#core';

const BY_WORD: readonly (readonly [RegExp, readonly PiiClass[]])[] = [
  [/password|secret|token|api_?key|credential/, ['secret']],
  [/e_?mail|phone|contact|sender|recipient|participants|^cc$|^bcc$|shared_with/, ['contact']],
  [/address|street|city|zip|postcode|postal|country|location/, ['address']],
  [/payment|card|iban|account|bank|gift/, ['payment']],
  [/(^|_)(first|last|full|user|customer|owner)?_?name$|user|customer|owner|passport|birth/, ['identity']],
  [/order|item|purchase|cart/, ['order']],
  [/body|content|text|note|comment|message|description|subject|title|summary|review/, ['free_text']],
];

export function classesOfField(field: string): readonly PiiClass[] {
  const name = (field.split('.').at(-1) ?? field).replaceAll('[]', '').toLowerCase();
  return BY_WORD.find(([pattern]) => pattern.test(name))?.[1] ?? PII_CLASSES;
}
