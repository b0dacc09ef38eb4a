// The one place where text for people is made safe for a terminal: names, messages and errors come from others.

/**
 * One line without characters that move the cursor, start an escape sequence, break the line or change the text direction. A run
 * of them becomes a space.
 */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}][\s\p{Cc}\p{Bidi_Control}]*/gu, ' ').trimEnd();
}

/** The lines as one text. Whatever a line contains, it stays one line. */
export function toText(lines: readonly string[]): string {
  return lines.map((line) => `${oneLine(line)}\n`).join('');
}
