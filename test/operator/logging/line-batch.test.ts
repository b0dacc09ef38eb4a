import { LineBatch } from '@konductor/operator';
import { expect, it } from 'vitest';

function batch() {
  const sent: string[] = [];
  return { sent, lines: new LineBatch((lines) => sent.push(lines)) };
}
const nextTurn = () => new Promise(setImmediate);

it('sends the lines of one turn together, in order, and those of the next by themselves', async () => {
  const { sent, lines } = batch();
  lines.write('a\n');
  await Promise.resolve();
  lines.write('b\n');
  expect(sent).toEqual([]);
  await nextTurn();
  expect(sent).toEqual(['a\nb\n']);
  lines.write('c\n');
  await nextTurn();
  expect(sent).toEqual(['a\nb\n', 'c\n']);
});

it('sends at once, and once only, what is left when the process ends', async () => {
  const { sent, lines } = batch();
  lines.write('last\n');
  lines.flush();
  lines.flush();
  expect(sent).toEqual(['last\n']);
  await nextTurn();
  expect(sent).toEqual(['last\n']);
});
