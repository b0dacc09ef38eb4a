// parseWaitGroup for one who reads thousands at once: the check is compiled, and takes a tenth of the time and a fiftieth of
// the garbage. See docs/decisions/0017-memory-at-the-start.md.
import { parseWaitGroup, WaitGroup } from '@konductor/schema';
import { Compile } from 'typebox/compile';

const compiled = Compile(withoutFormats(WaitGroup));

/** The same object, typed; throws InvalidWaitGroupError naming the first field that is wrong. */
export function readWaitGroup(object: unknown): WaitGroup {
  return compiled.Check(object) ? (object as WaitGroup) : parseWaitGroup(object);
}

/** Beside each date-time stands a pattern that says the same; to check both took nine tenths of the garbage. */
function withoutFormats(schema: object): object {
  return JSON.parse(JSON.stringify(schema, (key, value) => (key === 'format' ? undefined : value)));
}
