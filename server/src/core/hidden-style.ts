// Decides whether an inline style makes an element invisible to a person: not displayed, no size, no opacity, off-screen,
// or written in the colour of its background. Reads declarations only; knows no style sheets and no classes.

export type Declarations = ReadonlyMap<string, string>;

const TINY_PX = 2;
const FAR_PX = -400;
const NAMED_COLOURS: Readonly<Record<string, string>> = { white: '255,255,255', black: '0,0,0', snow: '255,250,250', ivory: '255,255,240' };
const CLOSE_COLOUR = 10;
export const WHITE = '255,255,255';

function unescapeCss(style: string): string {
  return style
    .replace(/\\([0-9a-fA-F]{1,6})\s?/g, (_all, hex: string) => String.fromCodePoint(Math.min(Number.parseInt(hex, 16), 0x10ffff)))
    .replaceAll('\\', '');
}

function withoutComments(style: string): string {
  let kept = '';
  let at = 0;
  for (let open = style.indexOf('/*'); open !== -1; open = style.indexOf('/*', at)) {
    kept += style.slice(at, open);
    const close = style.indexOf('*/', open + 2);
    at = close === -1 ? style.length : close + 2;
  }
  return kept + style.slice(at);
}

/** Property -> value, lower case, comments, escapes and `!important` removed; the last one wins. */
export function readDeclarations(style: string): Declarations {
  const declarations = new Map<string, string>();
  for (const declaration of unescapeCss(withoutComments(style)).toLowerCase().split(';')) {
    const colon = declaration.indexOf(':');
    if (colon === -1) continue;
    declarations.set(
      declaration.slice(0, colon).trim(),
      declaration
        .slice(colon + 1)
        .replace('!important', '')
        .trim(),
    );
  }
  return declarations;
}

/** Length in rough pixels, or null when it is none. */
function pixels(value: string | undefined): number | null {
  if (value === undefined) return null;
  const amount = Number.parseFloat(value);
  if (Number.isNaN(amount)) return null;
  if (value.endsWith('em')) return amount * 16;
  if (value.endsWith('%')) return amount * 0.16;
  if (value.endsWith('vw') || value.endsWith('vh')) return amount * 10;
  return value.endsWith('pt') ? amount * 1.33 : amount;
}

/** `r,g,b`, `transparent`, or null for what is not understood (images, gradients, variables). */
export function readColour(value: string | undefined): string | null {
  if (value === undefined) return null;
  const text = value.trim();
  const named = NAMED_COLOURS[text];
  if (named !== undefined) return named;
  if (text === 'transparent') return text;
  const hex = /^#([0-9a-f]{3,8})$/.exec(text)?.[1];
  if (hex !== undefined) {
    const digits = hex.length <= 4 ? [...hex].map((digit) => digit + digit).join('') : hex;
    if (digits.length === 8 && Number.parseInt(digits.slice(6), 16) < 13) return 'transparent';
    return [0, 2, 4].map((at) => Number.parseInt(digits.slice(at, at + 2), 16)).join(',');
  }
  const parts = /^(?:rgb|hsl)a?\(([^)]{1,60})\)$/
    .exec(text)?.[1]
    ?.split(/[\s,/]+/)
    .filter((part) => part !== '');
  if (parts === undefined) return null;
  if (parts[3] !== undefined && Number.parseFloat(parts[3]) < 0.05) return 'transparent';
  if (text.startsWith('hsl')) return Number.parseFloat(parts[2] ?? '') >= 98 ? WHITE : null;
  return parts
    .slice(0, 3)
    .map((part) => (part.endsWith('%') ? Number.parseFloat(part) * 2.55 : Number.parseFloat(part)))
    .join(',');
}

function sameColour(left: string, right: string): boolean {
  const rights = right.split(',');
  return left.split(',').every((part, at) => Math.abs(Number(part) - Number(rights[at])) <= CLOSE_COLOUR);
}

/** Background an element sets itself: a colour, null for something not understood, undefined when it sets none. */
export function backgroundOf(declarations: Declarations, attribute: string | undefined): string | null | undefined {
  if ((declarations.get('background-image') ?? 'none') !== 'none') return null;
  const own = declarations.get('background-color') ?? declarations.get('background') ?? attribute?.toLowerCase();
  if (own === undefined) return undefined;
  const colour = readColour(own) ?? readColour(own.split(' ')[0]);
  return colour === 'transparent' ? undefined : colour;
}

function isFontHidden(declarations: Declarations): boolean {
  const size = pixels(declarations.get('font-size'));
  const shorthand = declarations
    .get('font')
    ?.split(' ')
    .find((part) => /^[\d.]/.test(part) && !/^[1-9]00$/.test(part));
  const font = size ?? pixels(shorthand?.split('/')[0]);
  return font !== null && font <= TINY_PX;
}

function isOffScreen(declarations: Declarations): boolean {
  const position = declarations.get('position');
  const sides = position === 'absolute' || position === 'fixed' || position === 'relative' ? ['left', 'top', 'right', 'bottom'] : [];
  const offsets = [...sides, 'text-indent', 'margin-left', 'margin-top'].map((side) => pixels(declarations.get(side)));
  const transform = declarations.get('transform') ?? '';
  return (
    offsets.some((offset) => offset !== null && offset <= FAR_PX) ||
    /scale[xy]?\(\s*0?\.?0+[\s,)]/.test(transform) ||
    /translate[xyd3]*\(\s*[^)]{0,20}-\d{3,}/.test(transform)
  );
}

function isSizeless(declarations: Declarations): boolean {
  const overflow = declarations.get('overflow') ?? declarations.get('overflow-y') ?? '';
  const clipped = overflow.includes('hidden') || overflow.includes('clip');
  const sizes = ['height', 'width', 'max-height', 'max-width'].map((side) => pixels(declarations.get(side)));
  const clip = (declarations.get('clip') ?? '').replace(/[\s,]+|px/g, ' ');
  const path = declarations.get('clip-path') ?? '';
  return (
    (clipped && sizes.some((size) => size !== null && size <= 1)) ||
    /^rect\(\s*([01]\s+){3}[01]\s*\)$/.test(clip.trim()) ||
    /inset\((?:5\d|[6-9]\d|100)%|circle\(0/.test(path)
  );
}

/** `background` is what the element stands on: a colour, or null when unknown. */
export function isHiddenStyle(declarations: Declarations, colourAttribute: string | undefined, background: string | null): boolean {
  const get = (property: string): string => declarations.get(property) ?? '';
  if (get('display').startsWith('none') || get('visibility') === 'hidden' || get('visibility') === 'collapse') return true;
  if (get('content-visibility') === 'hidden' || get('mso-hide') === 'all') return true;
  const opacity = Number.parseFloat(declarations.get('opacity') ?? /opacity\(([^)]{1,10})\)/.exec(get('filter'))?.[1] ?? '1');
  if (opacity <= 0.05) return true;
  const colour = readColour(declarations.get('color') ?? colourAttribute?.toLowerCase());
  if (colour === 'transparent' || (colour !== null && background !== null && sameColour(colour, background))) return true;
  return isFontHidden(declarations) || isOffScreen(declarations) || isSizeless(declarations);
}
