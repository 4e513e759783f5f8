export {
  type CaseName,
  type CustomerField,
  caseKindsOf,
  customerOfCase,
  fieldsOfCustomer,
  planCase,
  planCustomer,
} from './case-read.ts';
export { checkReturnedCustomer } from './check-returned-customer.ts';
export { type AnnotationInput, compileAnnotations, type TargetRuleInput } from './compile-annotations.ts';
export { type DecisionFacts, decisionFacts } from './decision-facts.ts';
export { type DraftField, type DraftOperation, draftManifest, type ManifestDraft } from './draft-manifest.ts';
export { fieldLines, manifestText } from './draft-text.ts';
export { effectSentence, showValue } from './effect-sentence.ts';
export { type EncodedOperation, encodeOperation } from './encode-operation.ts';
export { type ErasedPerson, type ErasurePlan, planErasure } from './erase-person.ts';
export { connectorsCodes } from './errors.ts';
export { type FactReader, type Facts, resolveFacts } from './facts.ts';
export { goodsNamed } from './goods-named.ts';
export { type FieldLabel, labelResult } from './label-result.ts';
export { manifestJsonSchema } from './manifest-schema.ts';
export { type MatchedOperation, matchOperation } from './match-operation.ts';
export { isOpenApi } from './openapi-schema.ts';
export { parseManifest } from './parse-manifest.ts';
export { isSafeSegment } from './path-template.ts';
export { type FactPlan, type FactRead, planFacts } from './plan-facts.ts';
export { judgeReadBack, planReadBack, type ReadBackPlan } from './read-back.ts';
