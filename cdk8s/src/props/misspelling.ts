// Which name somebody meant who wrote another one.

/** Whether one slip makes one of the other: a letter too many, too few, another, or two in the wrong order. */
export function isSlipOf(written: string, meant: string): boolean {
  if (written === meant || Math.min(written.length, meant.length) < 2) return false;
  if (written.toLowerCase() === meant.toLowerCase()) return true;
  const first = [...meant].findIndex((letter, index) => written[index] !== letter);
  const start = first < 0 ? meant.length : first;
  const [restWritten, restMeant] = [written.slice(start), meant.slice(start)];
  const swapped = `${restMeant[1]}${restMeant[0]}${restMeant.slice(2)}`;
  return [
    restWritten.slice(1) === restMeant,
    restWritten === restMeant.slice(1),
    restWritten.slice(1) === restMeant.slice(1),
    restWritten === swapped,
  ].some(Boolean);
}
