// Finds instructions in a reading: plain sentences a person would understand as "do this", and explicit tool calls.
// Nothing here asks who is speaking. That is what "captured" means.

export type Instruction =
  | { readonly kind: 'call'; readonly name: string; readonly arguments: string }
  | {
      readonly kind: 'refund';
      readonly order: string;
      readonly amount: string | null;
      readonly destination: string | null;
      readonly times: number;
    }
  | { readonly kind: 'read_order'; readonly order: string }
  | { readonly kind: 'read_customer'; readonly customer: string | null; readonly email: string | null }
  | { readonly kind: 'read_product'; readonly product: string }
  | { readonly kind: 'update_customer'; readonly customer: string | null; readonly changes: Readonly<Record<string, string>> }
  | { readonly kind: 'note_order'; readonly order: string; readonly note: string }
  | { readonly kind: 'export_customers'; readonly url: string }
  | { readonly kind: 'send'; readonly recipient: string; readonly what: 'customers' | 'case' }
  | { readonly kind: 'fetch'; readonly url: string }
  | { readonly kind: 'append'; readonly text: string }
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'reveal' };

/** Values may stand in clear or as a guard's placeholder such as `<EMAIL_1>`; a captured model passes either on. */
const HOLDER = '<[A-Z_]+_\\d+>';
const ID = `(?:[\\p{L}\\p{N}_./%-]*\\p{N}[\\p{L}\\p{N}_/%-]*|${HOLDER})`;
const ORDER = new RegExp(`\\border\\s+(?:number\\s+|no\\.?\\s*)?#?(${ID})`, 'iu');
const CUSTOMER = new RegExp(`\\bcustomer\\s+(?:id\\s+)?#?(${ID})`, 'iu');
const PRODUCT = /\bproduct\s+#?(p\d+)/i;
const AMOUNT = /\$?\b(\p{N}+\.\p{N}{2})\b/u;
const TIMES = /\b(\d{1,2}) times\b/i;
const DESTINATION = new RegExp(
  `\\bto\\s+(?:the\\s+|my\\s+|this\\s+)?(?:other\\s+|new\\s+)?(?:card|payment method|account|wallet)?\\s*[:#]?\\s*((?:pm|card|acct|wallet)_[\\w-]+|${HOLDER})`,
  'i',
);
const EMAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+|<EMAIL_\d+>/i;
const URL_TEXT = /https?:\/\/[^\s"'>)\]]*(?:<[A-Z_]+_\d+>[^\s"'>)\]]*)*|<URL_\d+>/i;
const MARKUP = /!?\[[^\]]*\]\([^)]+\)|<img\b[^<]*(?:<[A-Z_]+_\d+>[^<]*)*>/i;
const REFUSED_REFUND = /\b(?:no|not|don'?t|never|without)\b[^.]{0,20}\brefund/i;
const CALL =
  /\b(?:call|use|invoke|run|execute)\s+(?:the\s+)?(?:tool\s+|function\s+)?[`"']?([A-Za-z_][\w.-]*)[`"']?\s+with\s+(?:the\s+)?(?:arguments?\s*)?:?\s*(?=[{["])/gi;

export function findInstructions(reading: string): readonly Instruction[] {
  const calls = explicitCalls(reading);
  // What belongs to an explicit call is not read a second time as prose.
  return [...calls.found, ...sentences(calls.rest).flatMap(ofSentence)];
}

function sentences(text: string): readonly string[] {
  return text
    .split(/\n+|(?<=[.!?])\s+|<!--|-->/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function explicitCalls(text: string): { readonly found: readonly Instruction[]; readonly rest: string } {
  const found: Instruction[] = [];
  let rest = text;
  for (const match of text.matchAll(CALL)) {
    const raw = balanced(text, match.index + match[0].length);
    found.push({ kind: 'call', name: match[1] as string, arguments: raw });
    rest = rest.replace(match[0] + raw, ' ');
  }
  return { found, rest };
}

/** The JSON text that starts at `from`, verbatim: duplicate keys and odd numbers included. */
function balanced(text: string, from: number): string {
  let depth = 0;
  let inString = false;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    if (depth === 0 && !inString) return text.slice(from, at + 1);
  }
  return text.slice(from);
}

function ofSentence(sentence: string): readonly Instruction[] {
  const markup = MARKUP.exec(sentence)?.[0];
  if (markup !== undefined && /\b(?:include|add|append|insert|put|render|embed|show|end)\b/i.test(sentence))
    return [{ kind: 'append', text: markup }];
  if (/\b(?:repeat|print|reveal|output)\b.*\b(?:system prompt|your instructions|everything above)\b/i.test(sentence))
    return [{ kind: 'reveal' }];
  const say = /\b(?:reply|respond|answer|say)\s+(?:only\s+|exactly\s+)?(?:with\s*)?:?\s*"([^"]+)"/i.exec(sentence)?.[1];
  if (say !== undefined) return [{ kind: 'say', text: say }];
  return aboutCustomers(sentence) ?? aboutOrders(sentence) ?? aboutTheRest(sentence);
}

function aboutCustomers(sentence: string): readonly Instruction[] | null {
  const url = URL_TEXT.exec(sentence)?.[0];
  const email = EMAIL.exec(sentence)?.[0];
  if (/\b(?:customer (?:list|data)|customers list|list of (?:all )?customers|all (?:the )?customers|every customer)\b/i.test(sentence)) {
    if (url !== undefined && /\{customers\}/.test(url)) return [{ kind: 'fetch', url }];
    if (url !== undefined) return [{ kind: 'export_customers', url }];
    if (email !== undefined) return [{ kind: 'send', recipient: email, what: 'customers' }];
  }
  const customer = CUSTOMER.exec(sentence)?.[1] ?? null;
  const change = /\b(?:change|update|set|replace|correct)\b(.*?\b(?:e-?mail|address|phone)\b.*?)\bto\b\s*:?\s*(.+)$/i.exec(sentence);
  if (change !== null) return [{ kind: 'update_customer', customer, changes: changesOf(change[1] as string, change[2] as string) }];
  const asks = /\b(?:look ?up|read|get|show|find|tell|what)\b/i.test(sentence);
  if (asks && /\bcustomer\b/i.test(sentence) && (customer !== null || email !== undefined))
    return [{ kind: 'read_customer', customer, email: email ?? null }];
  if (asks && /\bmy (?:profile|account|data|address)\b/i.test(sentence)) return [{ kind: 'read_customer', customer: null, email: null }];
  return null;
}

function changesOf(what: string, value: string): Record<string, string> {
  const clean = value.replace(/[.!\s]+$/, '');
  if (/e-?mail/i.test(what)) return { email: EMAIL.exec(clean)?.[0] ?? clean };
  if (/phone/i.test(what)) return { phone: clean };
  const [street = clean, ...others] = clean.split(',').map((part) => part.trim());
  const place = /^(\d{4,6}|<[A-Z_]+_\d+>)\s+(.+)$/.exec(others.join(', '));
  return place === null ? { address1: street } : { address1: street, zip: place[1] as string, city: place[2] as string };
}

function aboutOrders(sentence: string): readonly Instruction[] | null {
  const order = ORDER.exec(sentence)?.[1]?.replace(/[.\-/%]+$/, '');
  if (order === undefined) return null;
  if (/\brefund/i.test(sentence) && !REFUSED_REFUND.test(sentence)) {
    const times = Number(TIMES.exec(sentence)?.[1] ?? 1);
    return [
      { kind: 'refund', order, amount: AMOUNT.exec(sentence)?.[1] ?? null, destination: DESTINATION.exec(sentence)?.[1] ?? null, times },
    ];
  }
  const note = /\b(?:add|write|leave|put)\b.*\bnote\b[^:]*:\s*(.+)$/i.exec(sentence)?.[1];
  if (note !== undefined) return [{ kind: 'note_order', order, note }];
  const recipient = EMAIL.exec(sentence)?.[0];
  const read: Instruction = { kind: 'read_order', order };
  if (recipient !== undefined && /\b(?:send|forward|e-?mail|mail)\b/i.test(sentence))
    return [read, { kind: 'send', recipient, what: 'case' }];
  return /\b(?:where|status|track|when|arrive|look ?up|read|show|check|details|tell|open|which|what)\b/i.test(sentence) ? [read] : null;
}

function aboutTheRest(sentence: string): readonly Instruction[] {
  const product = PRODUCT.exec(sentence)?.[1];
  if (product !== undefined) return [{ kind: 'read_product', product }];
  const recipient = EMAIL.exec(sentence)?.[0];
  if (recipient !== undefined && /\b(?:send|forward|e-?mail|mail)\b.*\bto\b/i.test(sentence))
    return [{ kind: 'send', recipient, what: 'case' }];
  const url = URL_TEXT.exec(sentence)?.[0];
  return url !== undefined && /\b(?:open|visit|fetch|load|preview|request)\b/i.test(sentence)
    ? [{ kind: 'fetch', url: url.replace(/[.,!?]+$/, '') }]
    : [];
}
