// Codes of this room: where a bound is crossed it stops, because masking less would leak; and what is wrong with a pattern of a tenant.

import type { CodeTable } from '#core';

export const dlpCodes: CodeTable = Object.freeze({
  DLP_TOO_MANY_VALUES: {
    kind: 'fault',
    status: 403,
    sentence: 'The conversation holds more different personal values than can be numbered; send it in smaller parts.',
  },
  DLP_PATTERN_UNSUPPORTED: {
    kind: 'refusal',
    status: 422,
    sentence: 'The pattern is not one the engine reads: look-around, back-references and named groups of other engines are not supported.',
  },
  DLP_PATTERN_TOO_LARGE: {
    kind: 'refusal',
    status: 422,
    sentence: 'The pattern, its examples or its program are too large, or it has no example it has to find.',
  },
  DLP_PATTERN_TOO_WIDE: {
    kind: 'refusal',
    status: 422,
    sentence: 'The pattern finds something in an empty text, and so in every text; ask for at least one character.',
  },
  DLP_PATTERN_EXAMPLE: {
    kind: 'refusal',
    status: 422,
    sentence: 'The pattern does not do what one of its examples says; the answer names which.',
  },
  DLP_PATTERNS_TOO_DEAR: {
    kind: 'fault',
    status: 403,
    sentence:
      'The patterns of the tenant take too long on this text, so it was not read to its end and nothing was sent; make them say less.',
  },
  DLP_PATTERN_CLASS: {
    kind: 'refusal',
    status: 422,
    sentence: 'Values of this class are not looked for in texts; take a class that has a type.',
  },
  DLP_NER_TOKENIZER: {
    kind: 'refusal',
    status: 422,
    sentence: 'The tokenizer of the model of names is not one that is read here: WordPiece with BERT’s normalizer and pre-tokenizer is.',
  },
  DLP_NER_LABELS: {
    kind: 'refusal',
    status: 422,
    sentence: 'The labels of the model of names can not be used; the message names the file and what is wrong with it.',
  },
  DLP_NER_SCORES: {
    kind: 'fault',
    status: 503,
    sentence: 'The model of names answered in a form that does not belong to its labels, so its answer was not used.',
  },
  DLP_TOO_MANY_KNOWN_VALUES: {
    kind: 'fault',
    status: 403,
    sentence: 'More personal values are known for this run than can be matched at once; start a new run.',
  },
});
