// Why an object is no WaitGroup, by TypeBox's interpreter: it takes longer to load than most commands last.
import { Value } from 'typebox/value';
import { API_GROUP_VERSION } from '../kind/kind.ts';
import { WaitGroup } from './wait-group.ts';

/** Of an object that is none: one line, which names the first field that is wrong. */
export function explainInvalid(object: unknown): string {
  const [first] = Value.Errors(WaitGroup, object);
  const place = first?.instancePath.replaceAll('/', '.') || ' the object';
  return `not a WaitGroup of ${API_GROUP_VERSION}: ${place.slice(1)} ${first?.message ?? ''}`.trim();
}
