// Front door of the room.

export { createFinder, FEWEST_BYTES, type Finder, type Wanted } from './byte-finder.ts';
export { collectKnown } from './collect-known.ts';
export { emailForm, phoneForms } from './contact-forms.ts';
export {
  type Conversation,
  type ConversationOptions,
  createConversation,
  type Found,
  type IssuedToken,
  maskOf,
  type RenderOptions,
  type Replaced,
} from './conversation.ts';
export { type DetectOptions, detect } from './detect.ts';
export { dlpCodes } from './errors.ts';
export { type Classification, type ClassifiedField, type Classifier, createClassifier } from './fields/classify.ts';
export { FIELD_MAPS } from './fields/maps.ts';
export { foldText } from './fold.ts';
export { type Catalogue, createCatalogue, MAX_CATALOGUE_ENTRIES } from './guess/catalogue.ts';
export { type Guessing, SURE } from './guess/guess.ts';
export { createNameLists, type NameLists } from './guess/lists.ts';
export { createGuessMemo, type GuessMemo } from './guess/memo.ts';
export { createKnownMatcher, type KnownMatcher } from './known-matcher.ts';
export { createNamesReader, type NamesReader, type NerSpan, type RunModel } from './ner/find-names.ts';
export { type Label, NER_TYPES, type NerType, readLabels } from './ner/labels.ts';
export { readTokenizer, type Tokenizer } from './ner/tokenizer.ts';
export { passesLuhn } from './number-groups.ts';
export { type PatternMeter, patternMeter } from './pattern-search.ts';
export { formatPlaceholder, hasPlaceholder, MAX_PLACEHOLDER, readPlaceholder, watchPlaceholders } from './placeholder.ts';
export { passesIban } from './recognise-ids.ts';
export { DEFAULT_REGIONS } from './recognise-phone.ts';
export { createRestorer, type Links, type Lookup, type RestoreResult, restoreText, type TextTransform } from './restore.ts';
export {
  compilePattern,
  findsOf,
  MAX_EXAMPLE_CHARS,
  MAX_PATTERN_CHARS,
  MAX_PATTERN_EXAMPLES,
  MAX_PATTERNS,
  MAX_PROGRAMS,
  PATTERN_NAME,
  type PatternSpec,
  type TenantPattern,
  tryPattern,
} from './tenant-patterns.ts';
export { type Destination, DLP_TYPES, type DlpType, type HitType, type KnownValue, type Span } from './types.ts';
