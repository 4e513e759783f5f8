// Text within the pages this room makes, for people to read and print.

/** So that no character of it is read as markup. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${String(char.charCodeAt(0))};`);
