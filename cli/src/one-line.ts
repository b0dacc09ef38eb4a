// Texts of others, made fit for a line of a terminal.

/** In one line, and without what would move the cursor or turn the direction of the text. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\s]+/gu, ' ').trim();
}
