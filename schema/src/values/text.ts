// Texts that fit into the fields of a WaitGroup.

/** At most `most` characters; a text that is cut ends with an ellipsis. Characters are code points, as the API server counts them. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  const characters = Array.from(text);
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}

/** Replaces everything but printable ASCII. */
export function toPrintable(text: string, most: number): string {
  return text.replace(/[^ -~]/g, '?').slice(0, most);
}
