// Texts of others, made fit for a line of a terminal.

/** In one line, and without what would move the cursor. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
}
