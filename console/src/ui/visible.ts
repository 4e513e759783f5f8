// Makes characters visible that a reader can not see but a program reads: controls, directions, joiners, tags. For whatever a person must
// judge as it is written (files of a workflow, its expressions), so that nothing hides in it or changes the order of what is read.

const HIDDEN = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Tab and line feed stay. */
export const visible = (text: string): string =>
  text.replace(HIDDEN, (char) => `⟨U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`);
